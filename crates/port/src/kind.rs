//! What a node of the tree is.
//!
//! The symbols are those of Python's grammar as it was written down for 2.7 (and extended by what 3 added), since the
//! forms that have to be told apart are forms of that grammar.

/// What a leaf or a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]

pub(crate) enum Kind {
    // Leaves.
    EndMarker,
    Name,
    Number,
    Str,
    Newline,
    Indent,
    Dedent,
    /// An operator or a delimiter; its text says which.
    Op,
    /// A character that begins no token, or a string without an end.
    Bad,
    // Nodes.
    /// Tokens that make no statement.
    Error,
    FileInput,
    Decorator,
    Decorators,
    Decorated,
    AsyncStmt,
    FuncDef,
    Parameters,
    TypedArgsList,
    TName,
    TfpDef,
    TfpList,
    VarArgsList,
    VfpDef,
    VfpList,
    SimpleStmt,
    ExprStmt,
    AnnAssign,
    TestListStarExpr,
    PrintStmt,
    DelStmt,
    ReturnStmt,
    RaiseStmt,
    ImportName,
    ImportFrom,
    ImportAsName,
    DottedAsName,
    ImportAsNames,
    DottedAsNames,
    DottedName,
    GlobalStmt,
    ExecStmt,
    AssertStmt,
    IfStmt,
    WhileStmt,
    ForStmt,
    TryStmt,
    MatchStmt,
    CaseBlock,
    /// A pattern of `case`, as its tokens: no rule looks into it.
    Pattern,
    /// `[T: int]` behind the name of a function, a class or a type, as its tokens.
    TypeParams,
    TypeStmt,
    WithStmt,
    WithItem,
    ExceptClause,
    Suite,
    TestListSafe,
    NamedExprTest,
    Test,
    OrTest,
    AndTest,
    NotTest,
    Comparison,
    CompOp,
    StarExpr,
    Expr,
    XorExpr,
    AndExpr,
    ShiftExpr,
    ArithExpr,
    Term,
    Factor,
    Power,
    Atom,
    ListMaker,
    TestListGexp,
    LambDef,
    Trailer,
    SubscriptList,
    Subscript,
    SliceOp,
    ExprList,
    DictSetMaker,
    ClassDef,
    ArgList,
    Argument,
    CompFor,
    CompIf,
    TestList1,
    YieldExpr,
    YieldArg,
}

impl Kind {
    /// Whether this is a token and not a node made of tokens.
    pub(crate) const fn is_leaf(self) -> bool {
        (self as u8) < (Self::Error as u8)
    }
}
