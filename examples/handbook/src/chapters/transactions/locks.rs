//! Which locks are held and waited for: `SHOW ENGINE INNODB STATUS`, read.
//!
//! In: the server's report, with `innodb_status_output_locks` on. Out: [`Lock`]s by connection. `INNODB_LOCKS` has only those that
//! somebody waits for; the report has all.

use serde::Serialize;

/// A lock on a row, or on the gap before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Lock {
    /// The number of the connection.
    #[serde(skip)]
    pub(super) connection: u64,
    /// The id of the row; `None` is the end of the table.
    pub(super) row: Option<i64>,
    /// `X` for writing, `S` for reading.
    pub(super) mode: &'static str,
    pub(super) part: Part,
    pub(super) is_waiting: bool,
}

/// What of the place is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Part {
    /// The row alone.
    Record,
    /// What is before it, where nobody may insert.
    Gap,
    /// Both.
    NextKey,
    /// The wish to insert there.
    Insertion,
}

/// Reads the locks on the table `account` of `database`.
pub(super) fn locks(report: &str, database: &str) -> Vec<Lock> {
    let table = format!("of table `{database}`.`account` ");
    // What comes before tells of the last deadlock, which is over.
    let report = report.split("LIST OF TRANSACTIONS FOR EACH SESSION:").last().unwrap_or_default();
    let (mut found, mut connection, mut current) = (Vec::new(), 0, None);
    let mut is_first_field = false;
    for line in report.lines() {
        if let Some(rest) = line.strip_prefix("MariaDB thread id ") {
            connection = rest.split(',').next().and_then(|number| number.parse().ok()).unwrap_or(0);
            current = None;
        } else if line.starts_with("RECORD LOCKS ") {
            current = line.contains(&table).then(|| lock(line, connection));
        } else if line.starts_with("TABLE LOCK ") || line.starts_with("---") {
            current = None;
        } else if line.starts_with("Record lock, heap no ") {
            is_first_field = true;
        } else if is_first_field && let Some(field) = line.strip_prefix(" 0: len ") {
            is_first_field = false;
            if let Some(lock) = &current {
                let row = row(field);
                // The end of the table has nothing but the gap before it.
                let part = if row.is_none() && lock.part == Part::NextKey { Part::Gap } else { lock.part };
                found.push(Lock { row, part, ..lock.clone() });
            }
        }
    }
    // A lock that is waited for is told twice.
    let mut once: Vec<Lock> = Vec::new();
    for lock in found {
        if !once.contains(&lock) {
            once.push(lock);
        }
    }
    once
}

fn lock(line: &str, connection: u64) -> Lock {
    let part = if line.contains("insert intention") {
        Part::Insertion
    } else if line.contains("locks rec but not gap") {
        Part::Record
    } else if line.contains("locks gap before rec") {
        Part::Gap
    } else {
        Part::NextKey
    };
    let mode = if line.contains("lock mode S") || line.contains("lock_mode S") { "S" } else { "X" };
    Lock { connection, row: None, mode, part, is_waiting: line.ends_with(" waiting") }
}

/// `4; hex 80000001; asc     ;;` is the row 1: the sign is turned, so that bytes sort as numbers do.
fn row(field: &str) -> Option<i64> {
    let hex = field.split("hex ").nth(1)?.split(';').next()?;
    let number = u32::from_str_radix(hex, 16).ok()?;
    Some(i64::from(number) - i64::from(1_u32 << 31))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "\
LATEST DETECTED DEADLOCK
MariaDB thread id 12, OS thread handle 140, query id 99 localhost root Updating
RECORD LOCKS space id 5 page no 3 n bits 8 index PRIMARY of table `transactions_0`.`account` trx id 29 lock_mode X waiting
Record lock, heap no 3 PHYSICAL RECORD: n_fields 4; compact format; info bits 0
 0: len 4; hex 80000002; asc     ;;

LIST OF TRANSACTIONS FOR EACH SESSION:
---TRANSACTION 31, ACTIVE 4 sec starting index read
mysql tables in use 1, locked 1
LOCK WAIT 3 lock struct(s), heap size 1128, 2 row lock(s), undo log entries 1
MariaDB thread id 12, OS thread handle 140, query id 99 localhost root Updating
UPDATE account SET balance = balance - 10 WHERE id = 1
------- TRX HAS BEEN WAITING 4000 us FOR THIS LOCK TO BE GRANTED:
RECORD LOCKS space id 5 page no 3 n bits 8 index PRIMARY of table `transactions_0`.`account` trx id 31 lock_mode X locks rec but not gap waiting
Record lock, heap no 2 PHYSICAL RECORD: n_fields 4; compact format; info bits 0
 0: len 4; hex 80000001; asc     ;;
 1: len 6; hex 00000000001e; asc       ;;

------------------
TABLE LOCK table `transactions_0`.`account` trx id 31 lock mode IX
RECORD LOCKS space id 5 page no 3 n bits 8 index PRIMARY of table `transactions_0`.`account` trx id 31 lock_mode X locks rec but not gap waiting
Record lock, heap no 2 PHYSICAL RECORD: n_fields 4; compact format; info bits 0
 0: len 4; hex 80000001; asc     ;;

---TRANSACTION 30, ACTIVE 9 sec
2 lock struct(s), heap size 1128, 3 row lock(s)
MariaDB thread id 11, OS thread handle 141, query id 98 localhost root
TABLE LOCK table `transactions_0`.`account` trx id 30 lock mode IS
RECORD LOCKS space id 5 page no 3 n bits 8 index PRIMARY of table `transactions_0`.`account` trx id 30 lock mode S
Record lock, heap no 1 PHYSICAL RECORD: n_fields 1; compact format; info bits 0
 0: len 8; hex 73757072656d756d; asc supremum;;

Record lock, heap no 2 PHYSICAL RECORD: n_fields 4; compact format; info bits 0
 0: len 4; hex 80000001; asc     ;;

RECORD LOCKS space id 6 page no 3 n bits 8 index PRIMARY of table `transactions_1`.`account` trx id 30 lock_mode X
Record lock, heap no 2 PHYSICAL RECORD: n_fields 4; compact format; info bits 0
 0: len 4; hex 80000001; asc     ;;
";

    #[test]
    fn every_lock_is_found_once_with_its_row_and_who_has_it() {
        let lock = |connection, row, mode, part, is_waiting| Lock { connection, row, mode, part, is_waiting };
        assert_eq!(
            locks(REPORT, "transactions_0"),
            [
                lock(12, Some(1), "X", Part::Record, true),
                lock(11, None, "S", Part::Gap, false),
                lock(11, Some(1), "S", Part::NextKey, false),
            ]
        );
        assert_eq!(locks(REPORT, "transactions_1").len(), 1);
        assert_eq!(locks("", "transactions_0"), []);
    }
}
