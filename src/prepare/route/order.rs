//! The order in which routes are asked: each after those that it yields to.

use std::cmp::Reverse;

/// What a route says of others.
#[derive(Clone, Debug, Default)]
pub(super) struct Ranked {
    pub priority: i32,
    pub group: Option<usize>,
    /// Indices of routes.
    pub yields_to: Vec<usize>,
}

/// The order, or a cycle of routes of which each yields to the next one and the last to the first. Empty when no route yields to
/// another.
///
/// Those of a group yield to the ones of a higher priority, of the same to the ones before them.
pub(super) fn order(routes: &[Ranked]) -> Result<Vec<usize>, Vec<usize>> {
    let mut after: Vec<Vec<usize>> = routes.iter().map(|route| route.yields_to.clone()).collect();
    let groups = routes.iter().filter_map(|route| route.group).max().map_or(0, |last| last + 1);
    for group in 0..groups {
        let mut members: Vec<usize> = (0..routes.len()).filter(|at| routes[*at].group == Some(group)).collect();
        members.sort_by_key(|at| (Reverse(routes[*at].priority), *at));
        for pair in members.windows(2) {
            after[pair[1]].push(pair[0]);
        }
    }
    if after.iter().all(Vec::is_empty) {
        return Ok(Vec::new());
    }
    let mut walk = Walk { after: &after, state: vec![State::New; routes.len()], order: Vec::new(), path: Vec::new() };
    for at in 0..routes.len() {
        walk.visit(at)?;
    }
    Ok(walk.order)
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    Open,
    Done,
}

/// A walk to the depth; as deep as there are routes at most, which the file's size bounds.
struct Walk<'a> {
    after: &'a [Vec<usize>],
    state: Vec<State>,
    order: Vec<usize>,
    path: Vec<usize>,
}

impl Walk<'_> {
    fn visit(&mut self, at: usize) -> Result<(), Vec<usize>> {
        match self.state[at] {
            State::Done => return Ok(()),
            State::Open => {
                let begin = self.path.iter().position(|p| *p == at).unwrap_or_default();
                return Err(self.path[begin..].to_vec());
            }
            State::New => {}
        }
        self.state[at] = State::Open;
        self.path.push(at);
        let after = self.after;
        for other in &after[at] {
            self.visit(*other)?;
        }
        self.path.pop();
        self.state[at] = State::Done;
        self.order.push(at);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(priority: i32, group: Option<usize>, yields_to: &[usize]) -> Ranked {
        Ranked { priority, group, yields_to: yields_to.to_vec() }
    }

    #[test]
    fn each_comes_after_those_that_it_yields_to() {
        assert_eq!(order(&[route(0, None, &[]), route(9, None, &[])]), Ok(vec![]), "nobody yields");
        assert_eq!(order(&[route(0, None, &[2]), route(0, None, &[0]), route(0, None, &[])]), Ok(vec![2, 0, 1]));
        assert_eq!(order(&[route(1, Some(0), &[]), route(5, Some(0), &[]), route(1, Some(0), &[])]), Ok(vec![1, 0, 2]));
    }

    #[test]
    fn cycles_are_found_through_groups_too() {
        assert_eq!(order(&[route(0, None, &[1]), route(0, None, &[0])]), Err(vec![0, 1]));
        assert_eq!(order(&[route(0, None, &[0])]), Err(vec![0]));
        let through_a_group = [route(5, Some(0), &[1]), route(1, Some(0), &[])];
        assert_eq!(order(&through_a_group), Err(vec![0, 1]));
    }
}
