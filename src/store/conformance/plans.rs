//! No query that somebody waits for may walk a whole table or sort one. Plans do not depend on
//! what the tables hold, because neither engine is given statistics here.

use std::collections::BTreeMap;

use crate::db::Location;
use crate::db::testing::postgres_plans;

/// A statement with this in its text has said why it may look at everything.
const MAY_SCAN: &str = "/* scan: ";
/// A statement with this in its text has said why it may sort what it found by an index.
const MAY_SORT: &str = "/* sort: ";

/// Statements that were certainly run; the check is worth nothing if none were collected.
const FEWEST_STATEMENTS: usize = 80;

pub(super) fn assert_every_plan_is_sound_on_sqlite(plans: &BTreeMap<String, String>) {
    assert!(
        plans.len() >= FEWEST_STATEMENTS,
        "only {} plans",
        plans.len()
    );
    let complaints: Vec<String> = plans
        .iter()
        .filter(|(sql, plan)| !is_sound_on_sqlite(sql, plan))
        .map(|(sql, plan)| format!("{sql}\n{plan}\n"))
        .collect();
    assert!(
        complaints.is_empty(),
        "these walk or sort a table:\n{}",
        complaints.join("\n")
    );
}

fn is_sound_on_sqlite(sql: &str, plan: &str) -> bool {
    let sorts = plan.contains("USE TEMP B-TREE FOR");
    // Without a condition, a walk in the order of an index ends when LIMIT is reached.
    let is_cut_short =
        !sorts && sql.contains("ORDER BY") && sql.contains("LIMIT") && !sql.contains("WHERE");
    let scans = plan
        .lines()
        .any(|step| step.starts_with("SCAN ") && step != "SCAN CONSTANT ROW");
    sql.contains(MAY_SCAN) || ((!scans || is_cut_short) && (!sorts || sql.contains(MAY_SORT)))
}

#[test]
fn walks_and_sorts_are_told_from_sound_plans() {
    let verdicts = [
        (
            "SELECT 1 FROM a ORDER BY x LIMIT 5",
            "SCAN a USING INDEX a_x",
            true,
        ),
        (
            "SELECT 1 FROM a ORDER BY x",
            "SCAN a USING INDEX a_x",
            false,
        ),
        (
            "SELECT 1 FROM a WHERE y ORDER BY x LIMIT 5",
            "SCAN a USING INDEX a_x",
            false,
        ),
        (
            "SELECT 1 FROM a ORDER BY x LIMIT 5",
            "SCAN a\nUSE TEMP B-TREE FOR ORDER BY",
            false,
        ),
        (
            "SELECT 1 FROM a WHERE x = $1",
            "SEARCH a USING INDEX a_x (x=?)",
            true,
        ),
        ("SELECT 1 FROM a WHERE x = $1", "SCAN a", false),
        ("SELECT 1 FROM a /* scan: few */", "SCAN a", true),
        ("INSERT INTO a VALUES (1)", "SCAN CONSTANT ROW", true),
    ];
    for (sql, plan, expected) in verdicts {
        assert_eq!(is_sound_on_sqlite(sql, plan), expected, "{sql}: {plan}");
    }
}

pub(super) fn assert_every_plan_is_sound_on_postgres(
    location: Option<&Location>,
    statements: &[String],
) {
    let Some(Location::Postgres(url)) = location else {
        unreachable!("the suite has just run there");
    };
    assert!(statements.len() >= FEWEST_STATEMENTS);
    let complaints: Vec<String> = postgres_plans(url, statements)
        .into_iter()
        .filter(|(sql, plan)| plan.contains("Seq Scan") && !sql.contains(MAY_SCAN))
        .map(|(sql, plan)| format!("{sql}\n{plan}\n"))
        .collect();
    assert!(
        complaints.is_empty(),
        "these walk a table:\n{}",
        complaints.join("\n")
    );
}
