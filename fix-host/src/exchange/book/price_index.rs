//! The levels of a ladder by their price: a tree of 64 branches a node, six bits of the price a step.
//!
//! It is as high as the prices in it are apart: up to 64 ticks one node, up to 4,096 two, up to 262,144 three. A step is a
//! shift and a look at a mask, so a level is found, made and taken out in the same small time wherever its price stands.

use super::{
    order::Ticks,
    store::{LevelAt, NIL},
};

/// Bits of a price that one node tells apart.
const BITS: u32 = 6;
const BRANCHES: usize = 1 << BITS;
/// Nodes from the top to the lowest at most: prices within [`PRICE_LIMIT`](super::order::PRICE_LIMIT) differ in 60 bits.
const HIGHEST: usize = 10;

/// One node: which branches it has, and where they lead: to nodes, or in the lowest nodes to levels.
#[derive(Clone, Debug)]
struct Node {
    has: u64,
    branches: [u32; BRANCHES],
}

/// From prices to levels.
#[derive(Debug)]
pub(super) struct PriceIndex {
    nodes: Vec<Node>,
    /// Nodes that are not in use.
    free: Vec<u32>,
    /// The top node, and how many nodes stand above one another; zero: no level is here.
    top: u32,
    height: u32,
    /// The bits of a key above those that the nodes tell apart: all keys here have the same.
    prefix: u64,
    /// Lowest nodes that were come to last, each at the place that its keys give it: most prices are looked for near others.
    recent: [Recent; RECENT],
}

/// A lowest node, and what its keys have in common.
#[derive(Clone, Copy, Debug)]
struct Recent {
    prefix: u64,
    node: u32,
}

const RECENT: usize = 64;
/// No key begins so.
const NOT_RECENT: Recent = Recent { prefix: u64::MAX, node: NIL };

/// What stands at a price.
pub(super) enum Found {
    /// This level.
    Level(LevelAt),
    /// None yet.
    Nothing(Vacancy),
}

/// Where a level is missing.
pub(super) struct Vacancy {
    node: u32,
    branch: u32,
    /// The level with the next lower price, or [`NIL`].
    pub(super) below: LevelAt,
}

impl PriceIndex {
    /// Room for `levels` levels in one neighbourhood.
    pub(super) fn with_capacity(levels: usize) -> Self {
        let nodes = levels / (BRANCHES / 4) + HIGHEST;
        let (nodes, free) = (Vec::with_capacity(nodes), Vec::with_capacity(nodes));
        PriceIndex { nodes, free, top: NIL, height: 0, prefix: 0, recent: [NOT_RECENT; RECENT] }
    }

    /// The level at this price, or the place for it; [`fill`](Self::fill) must follow the latter.
    #[inline]
    pub(super) fn find(&mut self, price: Ticks) -> Found {
        let key = key(price);
        let prefix = key >> BITS;
        let recent = self.recent[prefix as usize % RECENT];
        if recent.prefix == prefix {
            let (node, branch) = (&self.nodes[recent.node as usize], branch(key, 0));
            if node.has & (1 << branch) != 0 {
                return Found::Level(node.branches[branch as usize]);
            }
            let below = node.has & !(u64::MAX << branch);
            if below != 0 {
                let below = node.branches[below.ilog2() as usize];
                return Found::Nothing(Vacancy { node: recent.node, branch, below });
            }
        }
        self.find_from_top(key)
    }

    fn find_from_top(&mut self, key: u64) -> Found {
        if self.height == 0 || key >> (BITS * self.height) != self.prefix {
            self.cover(key);
        }
        // The lowest node on the way that has a branch below ours.
        let mut turn = None;
        let mut node = self.top;
        for height in (1..self.height).rev() {
            let branch = branch(key, height);
            let at = &self.nodes[node as usize];
            let below = at.has & !(u64::MAX << branch);
            if below != 0 {
                turn = Some((node, height, below));
            }
            let is_here = at.has & (1 << branch) != 0;
            node = if is_here { at.branches[branch as usize] } else { self.branch_off(node, branch) };
        }
        let prefix = key >> BITS;
        self.recent[prefix as usize % RECENT] = Recent { prefix, node };
        let (at, branch) = (&self.nodes[node as usize], branch(key, 0));
        if at.has & (1 << branch) != 0 {
            return Found::Level(at.branches[branch as usize]);
        }
        let below = at.has & !(u64::MAX << branch);
        if below != 0 {
            turn = Some((node, 0, below));
        }
        let below = turn.map_or(NIL, |(turn, height, mask)| self.highest(turn, height, mask));
        Found::Nothing(Vacancy { node, branch, below })
    }

    /// Puts a level where none was.
    #[inline]
    pub(super) fn fill(&mut self, vacancy: &Vacancy, level: LevelAt) {
        let node = &mut self.nodes[vacancy.node as usize];
        node.has |= 1 << vacancy.branch;
        node.branches[vacancy.branch as usize] = level;
    }

    /// The level at this price, if there is one.
    pub(super) fn get(&self, price: Ticks) -> Option<LevelAt> {
        let key = key(price);
        if self.height == 0 || key >> (BITS * self.height) != self.prefix {
            return None;
        }
        (0..self.height).rev().try_fold(self.top, |node, height| {
            let (at, branch) = (&self.nodes[node as usize], branch(key, height));
            (at.has & (1 << branch) != 0).then_some(at.branches[branch as usize])
        })
    }

    /// Takes the level at this price out.
    #[inline]
    pub(super) fn remove(&mut self, price: Ticks) {
        let key = key(price);
        let recent = self.recent[(key >> BITS) as usize % RECENT];
        if recent.prefix == key >> BITS {
            let node = &mut self.nodes[recent.node as usize];
            let rest = node.has & !(1 << branch(key, 0));
            if rest != 0 {
                node.has = rest;
                return;
            }
        }
        self.remove_from_top(key);
    }

    /// Takes a level out, and the nodes that are empty without it.
    fn remove_from_top(&mut self, key: u64) {
        let mut way = [NIL; HIGHEST];
        let mut node = self.top;
        for height in (0..self.height).rev() {
            way[height as usize] = node;
            node = self.nodes[node as usize].branches[branch(key, height) as usize];
        }
        for height in 0..self.height {
            let node = way[height as usize];
            let has = &mut self.nodes[node as usize].has;
            *has &= !(1 << branch(key, height));
            if *has != 0 {
                return;
            }
            self.free.push(node);
            let recent = &mut self.recent[(key >> BITS) as usize % RECENT];
            if recent.node == node {
                *recent = NOT_RECENT;
            }
        }
        self.height = 0;
    }

    /// The level with the highest price below a node, of the branches in `mask`.
    fn highest(&self, mut node: u32, mut height: u32, mut mask: u64) -> LevelAt {
        loop {
            let branch = mask.ilog2();
            node = self.nodes[node as usize].branches[branch as usize];
            if height == 0 {
                return node;
            }
            height -= 1;
            mask = self.nodes[node as usize].has;
        }
    }

    /// Makes the tree so high that the key has a place in it.
    #[cold]
    fn cover(&mut self, key: u64) {
        if self.height == 0 {
            self.top = self.new_node();
            self.height = 1;
            self.prefix = key >> BITS;
        }
        while key >> (BITS * self.height) != self.prefix {
            let top = self.new_node();
            let branch = self.prefix % BRANCHES as u64;
            let node = &mut self.nodes[top as usize];
            node.has = 1 << branch;
            node.branches[branch as usize] = self.top;
            self.top = top;
            self.height += 1;
            self.prefix >>= BITS;
        }
    }

    fn branch_off(&mut self, node: u32, branch: u32) -> u32 {
        let new = self.new_node();
        self.fill(&Vacancy { node, branch, below: NIL }, new);
        new
    }

    fn new_node(&mut self) -> u32 {
        match self.free.pop() {
            Some(node) => {
                self.nodes[node as usize].has = 0;
                node
            }
            None => {
                let node = self.nodes.len() as u32;
                self.nodes.push(Node { has: 0, branches: [NIL; BRANCHES] });
                // Whatever is freed later has room there.
                self.free.reserve(self.nodes.len());
                node
            }
        }
    }
}

/// A price as an unsigned number in the same order. Zero stands in the middle of its node, and that one in the middle of
/// the next, so that prices around zero are no dearer than others.
fn key(price: Ticks) -> u64 {
    (price as u64).wrapping_add(0x2AAA_AAAA_AAAA_AAAA)
}

/// Which branch a key takes at a node of this height; the lowest have zero.
fn branch(key: u64, height: u32) -> u32 {
    (key >> (BITS * height)) as u32 % BRANCHES as u32
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{super::order::PRICE_LIMIT, *};

    fn check(prices: impl Fn(u64) -> Ticks) {
        let mut index = PriceIndex::with_capacity(0);
        let mut map: BTreeMap<Ticks, LevelAt> = BTreeMap::new();
        let mut random = 1_u64;
        for level in 0..20_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let price = prices(random >> 20);
            match index.find(price) {
                Found::Level(found) => {
                    assert_eq!(map.remove(&price), Some(found));
                    index.remove(price);
                }
                Found::Nothing(vacancy) => {
                    let below = map.range(..price).next_back().map_or(NIL, |(_, level)| *level);
                    assert_eq!(vacancy.below, below, "below {price}");
                    index.fill(&vacancy, level);
                    assert_eq!(map.insert(price, level), None);
                }
            }
            if map.is_empty() {
                assert_eq!(index.free.len(), index.nodes.len());
            }
        }
    }

    #[test]
    fn it_finds_what_an_ordered_map_finds_wherever_the_prices_stand() {
        check(|random| (random % 40) as Ticks);
        check(|random| (random % 100) as Ticks - 50);
        check(|random| 1_000_000 + (random % 3_000) as Ticks);
        check(
            |random| {
                if random % 50 == 0 { (random % 7) as Ticks * 10_000_000 } else { (random % 90) as Ticks }
            },
        );
        check(|random| [-PRICE_LIMIT, PRICE_LIMIT, 0, 1, -1][random as usize % 5]);
        check(|random| (random % 3) as Ticks);
    }
}
