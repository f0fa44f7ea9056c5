//! Which ticks are occupied, and by whom. What a timer is, its owner knows.

use alloc::vec::Vec;

use crate::Instant;

/// A tree over ticks that branches 64 ways by the digits of the tick. Each occupied tick leads to
/// the slot of its last timer.
#[derive(Clone, Debug)]
pub(super) struct Ticks {
    /// The nodes, root first. A new tree has no root.
    nodes: Vec<Node>,
    /// Nodes to use again.
    spare: Vec<u32>,
}

/// One branch of one node. On the lowest level it is a tick's, from when the tick is occupied until
/// it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Branch(u32);

/// Branches by one digit of the tick: to a node, or on the lowest level to a slot.
#[derive(Clone, Debug)]
struct Node {
    occupied: u64,
    /// The branch that leads here; the root's is its own.
    from: Branch,
    branches: [u32; 64],
}

impl Ticks {
    pub(super) const fn new() -> Self {
        Self { nodes: Vec::new(), spare: Vec::new() }
    }

    /// The branch of `tick`, which is to be [set](Self::set) at once if it is not occupied yet.
    pub(super) fn branch(&mut self, tick: u64) -> Branch {
        if self.nodes.is_empty() {
            self.nodes.push(Node::new(Branch::new(ROOT, 0)));
        }
        let mut branch = Branch::new(ROOT, digit(tick, DIGITS - 1));
        for level in (0..DIGITS - 1).rev() {
            let node = self.get(branch).unwrap_or_else(|| self.grow(branch));
            branch = Branch::new(node, digit(tick, level));
        }
        branch
    }

    /// Where the branch leads, if it is occupied.
    pub(super) fn get(&self, branch: Branch) -> Option<u32> {
        let node = &self.nodes[branch.node()];
        (node.occupied & 1 << branch.digit() != 0).then(|| node.branches[branch.digit()])
    }

    pub(super) fn set(&mut self, branch: Branch, to: u32) {
        let node = &mut self.nodes[branch.node()];
        node.occupied |= 1 << branch.digit();
        node.branches[branch.digit()] = to;
    }

    /// Clears the branch, and those above it that lead to nothing then.
    pub(super) fn clear(&mut self, mut branch: Branch) {
        loop {
            let node = &mut self.nodes[branch.node()];
            node.occupied &= !(1 << branch.digit());
            if node.occupied != 0 || branch.node() == ROOT as usize {
                return;
            }
            self.spare.push(branch.node() as u32);
            branch = node.from;
        }
    }

    /// The earliest tick that is occupied, and where it leads.
    pub(super) fn first(&self) -> Option<(u64, u32)> {
        let (mut tick, mut to) = (0, ROOT);
        for _ in 0..DIGITS {
            let node = self.nodes.get(to as usize).filter(|node| node.occupied != 0)?;
            let digit = node.occupied.trailing_zeros() as usize;
            tick = tick << DIGIT_BITS | digit as u64;
            to = node.branches[digit];
        }
        Some((tick, to))
    }

    /// Makes the node that the branch leads to.
    fn grow(&mut self, branch: Branch) -> u32 {
        let node = match self.spare.pop() {
            Some(spare) => {
                self.nodes[spare as usize].from = branch;
                spare
            }
            None => {
                assert!(self.nodes.len() < MAX_NODES, "a wheel has room for 2^26 nodes, 18 GB");
                self.nodes.push(Node::new(branch));
                self.nodes.len() as u32 - 1
            }
        };
        self.set(branch, node);
        node
    }

    #[cfg(test)]
    pub(super) fn nodes(&self) -> (usize, usize) {
        (self.nodes.len(), self.spare.len())
    }
}

impl Branch {
    const fn new(node: u32, digit: usize) -> Self {
        Self(node << DIGIT_BITS | digit as u32)
    }

    const fn node(self) -> usize {
        (self.0 >> DIGIT_BITS) as usize
    }

    const fn digit(self) -> usize {
        self.0 as usize % 64
    }
}

impl Node {
    const fn new(from: Branch) -> Self {
        Self { occupied: 0, from, branches: [0; 64] }
    }
}

/// The tick that `at` lies in. What lies beyond the range, 557 years, counts as its last tick.
pub(super) fn tick(at: Instant) -> u64 {
    let ticks = at.since_origin().as_nanos() as u64 / (TICK_MILLIS * 1_000_000);
    ticks.min((1 << (DIGIT_BITS * DIGITS)) - 1)
}

/// The digit of `tick` that `level` branches by; level 0 is the lowest.
const fn digit(tick: u64, level: usize) -> usize {
    (tick >> (DIGIT_BITS * level)) as usize % 64
}

pub(super) const TICK_MILLIS: u64 = 4;
pub(super) const DIGITS: usize = 7;
const DIGIT_BITS: usize = 6;
const ROOT: u32 = 0;
const MAX_NODES: usize = 1 << (32 - DIGIT_BITS);
