//! Databases: statements, rows, values.
