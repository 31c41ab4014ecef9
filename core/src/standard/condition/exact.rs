//! Measured numbers in conditions, without floats: 2.08 − 2.06 is 0.02 and nothing beside it.
//!
//! A condition runs on whole numbers. Where a measured number stands, it counts in
//! 1/[`SCALE`] of its unit, and so does every whole number it is compared with, added to or chosen
//! beside; the written condition stays as it is for whoever reads it.

use std::collections::BTreeSet;

use cel::{
    IdedExpr,
    common::ast::{CallExpr, Expr, LiteralValue, operators},
};

use crate::base::Decimal;

/// Parts of a unit a measured number is counted in: all the decimals a step can ask for.
const SCALE: i64 = 10_i64.pow(DIGITS);
const DIGITS: u32 = 6;

/// The number in parts of its unit; decimals no step keeps are dropped. What leaves 64 bits ends at
/// their edge: nine million million units, which nothing here measures.
pub(super) fn parts(number: Decimal) -> i64 {
    let decimals = u32::from(number.decimals);
    let up = 10_i64.saturating_pow(DIGITS.saturating_sub(decimals));
    let down = 10_i64.saturating_pow(decimals.saturating_sub(DIGITS));
    number.units.saturating_mul(up) / down
}

/// A number as it is written in a condition; `None` with more decimals than are kept.
pub(super) fn written(number: f64) -> Option<Decimal> {
    // The shortest text that reads as this number is the one that was written.
    let number: Decimal = number.to_string().parse().ok()?;
    (u32::from(number.decimals) <= DIGITS).then_some(number)
}

/// The condition as it runs: written numbers with a point, and the nodes in `whole`, become parts.
pub(super) fn exact(it: &IdedExpr, whole: &BTreeSet<u64>) -> IdedExpr {
    let inside = |it: &IdedExpr| exact(it, whole);
    let literal = |number: i64| Expr::Literal(LiteralValue::Int(number.into()));
    let expr = match &it.expr {
        Expr::Literal(LiteralValue::Double(number)) => {
            return IdedExpr {
                id: it.id,
                expr: literal(written(*number.inner()).map_or(0, parts)),
            };
        }
        Expr::Call(call) => {
            let mut call = call.clone();
            call.target = call.target.map(|target| Box::new(inside(&target)));
            call.args = call.args.iter().map(inside).collect();
            Expr::Call(call)
        }
        Expr::List(list) => {
            let mut list = list.clone();
            list.elements = list.elements.iter().map(inside).collect();
            Expr::List(list)
        }
        Expr::Comprehension(all) => {
            let mut all = all.clone();
            all.iter_range = inside(&all.iter_range);
            all.loop_step = inside(&all.loop_step);
            Expr::Comprehension(all)
        }
        other => other.clone(),
    };
    let id = it.id;
    if !whole.contains(&id) {
        return IdedExpr { id, expr };
    }
    let scale = IdedExpr { id, expr: literal(SCALE) };
    let call = CallExpr {
        func_name: operators::MULTIPLY.to_owned(),
        target: None,
        args: vec![IdedExpr { id, expr }, scale],
    };
    IdedExpr { id, expr: Expr::Call(call) }
}
