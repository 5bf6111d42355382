use core::convert::Infallible;

use journal::LogId;

use super::*;

const LOG: LogId = LogId([7; 32]);

/// What a hub keeps, as plainly as can be: each branch whole, from its first entry.
#[derive(Clone, Default)]
struct Model {
    branches: Vec<(Branch, Vec<u8>)>,
}

/// The heads of a history of one-byte entries, the log's own first.
fn heads(entries: &[u8]) -> Vec<Head> {
    let first = Head::of_log(&LOG);
    let rest = entries.iter().scan(first, |head, entry| {
        *head = head.next(&[*entry]);
        Some(*head)
    });
    core::iter::once(first).chain(rest).collect()
}

impl Model {
    fn new() -> Self {
        let first = Branch { branch: 0, parent: None, first_own_seq: 1, last_seq: 0, head: Head::of_log(&LOG) };
        Self { branches: vec![(first, Vec::new())] }
    }

    /// Takes a post of the entries `from..to` of a till's history.
    fn post(&mut self, history: &[u8], from: usize, to: usize) -> Plan {
        let post = Post { first_seq: from as u64 + 1, heads: heads(&history[..to])[from..].to_vec() };
        let branches: Vec<Branch> = self.branches.iter().map(|(branch, _)| *branch).collect();
        let known = |branch: &Branch, seq: u64| {
            assert!(seq <= branch.last_seq, "nothing is asked beyond a branch's end");
            let (_, whole) = &self.branches[usize::try_from(branch.branch).expect("small")];
            Ok::<_, Infallible>(heads(whole)[usize::try_from(seq).expect("small")])
        };
        let plan = plan_append(&branches, &post, known).expect("a model does not fail");
        match plan {
            Plan::Known { .. } | Plan::Behind { .. } => {}
            Plan::Extend { branch, skip } => {
                let (row, whole) = &mut self.branches[usize::try_from(branch).expect("small")];
                assert_eq!(whole.len(), from + skip, "it goes on where the branch ends");
                whole.extend(&history[from + skip..to]);
                (row.last_seq, row.head) = (to as u64, *heads(whole).last().expect("a head"));
            }
            Plan::Fork { parent, skip } => {
                let whole = [&self.branches[usize::try_from(parent).expect("small")].1[..from + skip], &history[from + skip..to]].concat();
                let (branch, first_own_seq) = (self.branches.len() as u64, (from + skip) as u64 + 1);
                let row = Branch {
                    branch,
                    parent: Some(parent),
                    first_own_seq,
                    last_seq: to as u64,
                    head: *heads(&whole).last().expect("a head"),
                };
                self.branches.push((row, whole));
            }
        }
        plan
    }

    fn holds(&self, history: &[u8]) -> bool {
        self.branches.iter().any(|(_, whole)| whole.starts_with(history))
    }
}

/// All histories of up to three entries of two kinds.
fn histories() -> Vec<Vec<u8>> {
    let longer = |all: &Vec<Vec<u8>>| all.iter().flat_map(|one| [1, 2].map(|next| [one.as_slice(), &[next]].concat())).collect::<Vec<_>>();
    let one = longer(&vec![Vec::new()]);
    let two = longer(&one);
    let three = longer(&two);
    [vec![Vec::new()], one, two, three].concat()
}

/// Every post that a till with any of the histories can make.
fn posts() -> Vec<(Vec<u8>, usize, usize)> {
    let spans = |history: Vec<u8>| {
        let length = history.len();
        (0..=length).flat_map(move |to| (0..=to).map(move |from| (from, to))).map(move |(from, to)| (history.clone(), from, to))
    };
    histories().into_iter().flat_map(spans).collect()
}

#[test]
fn whatever_three_posts_come_everything_taken_is_kept_and_no_entry_twice() {
    let posts = posts();
    for first in &posts {
        let mut one = Model::new();
        check(&mut one, first);
        for second in &posts {
            let mut two = one.clone();
            check(&mut two, second);
            for third in &posts {
                check(&mut two.clone(), third);
            }
        }
    }
}

fn check(model: &mut Model, (history, from, to): &(Vec<u8>, usize, usize)) {
    let before = model.clone();
    let plan = model.post(history, *from, *to);
    let taken = !matches!(plan, Plan::Behind { .. });
    assert_eq!(taken, before.holds(&history[..*from]), "a post is taken exactly when its beginning is known");
    assert!(!taken || model.holds(&history[..*to]), "what is taken is kept");
    assert!(before.branches.iter().all(|(_, whole)| model.holds(whole)), "what was there is there");
    let mut wholes: Vec<&Vec<u8>> = model.branches.iter().map(|(_, whole)| whole).collect();
    let forked = wholes.len() > 1;
    wholes.sort();
    assert!(!forked || wholes.windows(2).all(|pair| !pair[1].starts_with(pair[0])), "no branch is the beginning of another");
    let again = model.clone().post(history, *from, *to);
    assert!(!taken || matches!(again, Plan::Known { .. }), "the same post again changes nothing");
    if let Plan::Behind { seq, .. } = plan {
        assert!(seq < *from as u64, "the sender goes back, and so comes to an end");
    }
}

#[test]
fn a_till_that_begins_again_where_it_is_told_gets_everything_through() {
    for history in histories() {
        for other in histories() {
            let mut model = Model::new();
            model.post(&other, 0, other.len());
            let mut from = history.len();
            let mut posts = 0;
            while let Plan::Behind { seq, .. } = model.post(&history, from, history.len()) {
                from = usize::try_from(seq).expect("small");
                posts += 1;
                assert!(posts <= 4);
            }
            assert!(model.holds(&history));
        }
    }
}
