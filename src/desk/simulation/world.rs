//! A run: steps drawn from the seed, then quiet until all is settled, then the laws.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::broker::Broker;
use super::instance::Instance;
use super::laws;
use super::plan::{Fault, Plan};
use crate::desk::sighting::{Body, LogEntry};

/// What a run did, to see that runs do what they are for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub entries: u64,
    pub outputs: u64,
    pub starts: u64,
    pub fenced: u64,
    pub evicted: u64,
}

impl Tally {
    pub fn add(&mut self, other: &Tally) {
        self.entries += other.entries;
        self.outputs += other.outputs;
        self.starts += other.starts;
        self.fenced += other.fenced;
        self.evicted += other.evicted;
    }
}

/// A broken law, and the trace when it was asked for.
#[derive(Debug)]
pub struct Broken {
    pub law: String,
    pub plan: Plan,
    pub trace: Vec<String>,
}

pub fn run(seed: u64, fault: Option<Fault>, traced: bool) -> Result<Tally, Box<Broken>> {
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let plan = Plan::draw(&mut dice, fault);
    let mut world = World::new(plan.clone(), dice, traced);
    let result = world.play();
    match result {
        Ok(()) => Ok(world.tally),
        Err(law) => Err(Box::new(Broken { law, plan, trace: world.broker.take_trace() })),
    }
}

struct World {
    broker: Broker,
    /// `None`: not running.
    instances: Vec<Option<Instance>>,
    lives: u32,
    tally: Tally,
}

impl World {
    fn new(plan: Plan, dice: ChaCha8Rng, traced: bool) -> Self {
        let instances = (0..plan.instances).map(|_| None).collect();
        Self { broker: Broker::new(plan, dice, traced), instances, lives: 0, tally: Tally::default() }
    }

    fn play(&mut self) -> Result<(), String> {
        for id in 0..self.instances.len() {
            self.start(id)?;
        }
        self.rebalance();
        for _ in 0..self.broker.plan.steps {
            self.step()?;
        }
        self.settle()?;
        laws::check(&self.broker)?;
        self.roll()?;
        self.tally.entries = self.broker.log_end();
        self.tally.outputs = self.broker.outputs.len() as u64;
        Ok(())
    }

    fn start(&mut self, id: usize) -> Result<(), String> {
        self.lives += 1;
        self.tally.starts += 1;
        self.instances[id] = Some(Instance::start(id, self.lives, &mut self.broker)?);
        Ok(())
    }

    fn step(&mut self) -> Result<(), String> {
        let id = self.broker.pick(self.instances.len());
        let choice = self.broker.pick(100);
        if choice >= 88 {
            return self.disturb(id, choice);
        }
        let Some(instance) = &mut self.instances[id] else {
            return if self.broker.chance(0.15) { self.start(id) } else { Ok(()) };
        };
        let broker = &mut self.broker;
        if instance.paused {
            match choice {
                // What it had handed to the network before it was stopped.
                0..5 => instance.deliver(broker),
                5..12 => {
                    instance.paused = false;
                    broker.note(|| format!("i{id}: wakes"));
                }
                _ => {}
            }
            return Ok(());
        }
        match choice {
            0..20 => instance.read(broker),
            20..34 => instance.obey(broker),
            34..50 => instance.deliver(broker),
            50..66 => {
                let most = broker.pick(12) + 1;
                instance.fold(most, broker)?;
            }
            66..74 => instance.take_events(broker),
            74..80 => instance.begin_transaction(broker),
            80..86 => {
                let fails = broker.chance(0.1);
                instance.end_transaction(broker, fails);
            }
            86 => instance.tick(broker),
            _ => self.learn(id),
        }
        Ok(())
    }

    /// What goes wrong, or is done from outside, where the run's plan has it.
    fn disturb(&mut self, id: usize, choice: usize) -> Result<(), String> {
        let plan = self.broker.plan.clone();
        match choice {
            88 if plan.crashes => self.crash(id),
            89 if plan.zombies => {
                if let Some(instance) = &mut self.instances[id] {
                    instance.paused = true;
                    self.broker.note(|| format!("i{id}: is stopped"));
                }
            }
            90 | 91 if plan.rebalances => self.rebalance(),
            92 if plan.clock_jumps => self.jump(),
            93 if plan.operator && self.broker.chance(0.4) => {
                self.leave();
                self.broker.reset_position();
                self.rebalance();
            }
            94 if plan.recreate && self.broker.chance(0.4) => {
                self.leave();
                self.broker.recreate();
                self.rebalance();
            }
            95 if plan.retention => {
                // No instance that reads on is passed.
                self.broker.truncate();
                let next = self.instances.iter().flatten().map(|i| i.owner().index().next_offset()).min();
                self.broker.begin = self.broker.begin.min(next.unwrap_or(u64::MAX));
            }
            96 => self.stray(),
            // What somebody wrote into the log that is no entry.
            99 if self.broker.chance(0.05) => self.broker.append(LogEntry::default()),
            97 => self.rebalance_if_orphaned(),
            98 => self.learn(id),
            // One that starts now, to see that it comes to the same index.
            99 if self.broker.chance(0.3) => {
                self.tally.starts += 1;
                Instance::start(id, 0, &mut self.broker)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// SIGKILL: memory is gone; of what was on its way to the log a part arrives, now or later.
    fn crash(&mut self, id: usize) {
        let Some(mut instance) = self.instances[id].take() else { return };
        let arrive = self.broker.pick(instance.in_flight.len() + 1);
        instance.in_flight.truncate(arrive);
        self.broker.note(|| format!("i{id}: is killed, {arrive} entries survive"));
        self.broker.stray.push(instance.in_flight);
    }

    fn stray(&mut self) {
        let Some(queue) = self.broker.stray.iter_mut().find(|q| !q.is_empty()) else { return };
        if let Some(entry) = queue.pop_front() {
            self.broker.append(entry);
        }
    }

    fn jump(&mut self) {
        let window_ms = self.broker.plan.config.window_ms.min(1000);
        let by = self.broker.dice.random_range(-window_ms..=2 * window_ms);
        if self.broker.chance(0.5) {
            self.broker.skew_ms = by;
        } else {
            self.broker.advance(by.max(0));
        }
        self.broker.note(|| format!("the log's clock jumps by {by} ms"));
    }

    /// An instance that lost its partitions without knowing it learns of that.
    fn learn(&mut self, id: usize) {
        let Some(instance) = &mut self.instances[id] else { return };
        if instance.paused || instance.generation == self.broker.generation {
            return;
        }
        self.broker.note(|| format!("i{id}: learns that it lost its partitions"));
        // Its transaction was of an older generation.
        instance.end_transaction(&mut self.broker, false);
        instance.revoke_all();
        instance.generation = self.broker.generation;
    }

    /// Those in the group: running, and heard of.
    fn members(&self) -> Vec<usize> {
        let generation = self.broker.generation;
        let is_member = |i: &Instance| !i.paused && i.generation == generation;
        (0..self.instances.len()).filter(|id| self.instances[*id].as_ref().is_some_and(is_member)).collect()
    }

    fn rebalance_if_orphaned(&mut self) {
        let members = self.members();
        if self.broker.owners.iter().any(|o| o.is_none_or(|o| !members.contains(&o))) {
            self.rebalance();
        }
    }

    /// Ends what members have open; they give up all that they own, as for an operator who stops the group.
    fn leave(&mut self) {
        for id in self.members() {
            if let Some(instance) = &mut self.instances[id] {
                instance.end_transaction(&mut self.broker, false);
                instance.revoke_all();
            }
        }
        self.broker.owners.fill(None);
    }

    /// Partitions move. Cooperative: who keeps one goes on with it. Instances that never joined join now.
    fn rebalance(&mut self) {
        for id in 0..self.instances.len() {
            let Some(instance) = &mut self.instances[id] else { continue };
            if !instance.paused && instance.generation == self.broker.generation {
                let fails = self.broker.chance(0.1);
                instance.end_transaction(&mut self.broker, fails);
            } else if instance.generation == 0 {
                instance.generation = self.broker.generation;
            }
        }
        let members = self.members();
        self.broker.generation += 1;
        let generation = self.broker.generation;
        for partition in 0..self.broker.plan.partitions {
            let old = self.broker.owners[partition].filter(|o| members.contains(o));
            let new = if members.is_empty() {
                None
            } else if old.is_some() && self.broker.chance(0.5) {
                old
            } else {
                Some(members[self.broker.pick(members.len())])
            };
            self.broker.owners[partition] = new;
        }
        self.broker.note(|| format!("rebalance {generation}: members {members:?}"));
        for id in members {
            let Some(instance) = &mut self.instances[id] else { continue };
            instance.generation = generation;
            for partition in 0..self.broker.plan.partitions {
                let gets = self.broker.owners[partition] == Some(id);
                if gets && !instance.owns(partition) {
                    instance.assign(partition, &mut self.broker);
                } else if !gets && instance.owns(partition) {
                    instance.revoke(&super::wire::partition_name(partition));
                }
            }
        }
    }

    /// Nothing goes wrong any more, all run, all partitions are owned: everything must come to its end.
    fn settle(&mut self) -> Result<(), String> {
        self.broker.note(|| "quiet from here on".to_owned());
        self.broker.skew_ms = self.broker.skew_ms.max(0);
        self.broker.plan.lost_answers = false;
        for id in 0..self.instances.len() {
            match &mut self.instances[id] {
                Some(instance) => instance.paused = false,
                None => self.start(id)?,
            }
            self.learn(id);
        }
        while self.broker.stray.iter().any(|q| !q.is_empty()) {
            self.stray();
        }
        self.rebalance();
        let records: usize = self.broker.raw.iter().map(|p| p.records.len()).sum();
        for n in 0..30 + 8 * records {
            self.round(n)?;
            if self.is_settled() {
                return Ok(());
            }
        }
        Err(format!("stuck: {}", self.describe()))
    }

    fn round(&mut self, n: usize) -> Result<(), String> {
        let broker = &mut self.broker;
        for instance in self.instances.iter_mut().flatten() {
            for _ in 0..4 {
                instance.read(broker);
            }
            instance.obey(broker);
            if n % 8 == 7 {
                instance.tick(broker);
            }
            while !instance.in_flight.is_empty() {
                instance.deliver(broker);
            }
            instance.fold(usize::MAX, broker)?;
            instance.take_events(broker);
            instance.begin_transaction(broker);
            instance.end_transaction(broker, false);
        }
        Ok(())
    }

    fn is_settled(&self) -> bool {
        let broker = &self.broker;
        broker.truth.pending().0 == 0
            && (0..broker.plan.partitions).all(|p| broker.committed[p] == broker.raw_end(p))
            && self.instances.iter().flatten().all(|i| i.is_idle(broker) && i.owner().ends_wanted().is_empty())
    }

    fn describe(&self) -> String {
        let broker = &self.broker;
        let at: Vec<String> = (0..broker.plan.partitions)
            .map(|p| format!("{p}: {} of {}", broker.committed[p], broker.raw_end(p)))
            .collect();
        let instances: Vec<String> = self.instances.iter().flatten().map(Instance::describe).collect();
        let truth = &broker.truth;
        let waits: Vec<String> = (0..broker.log_end())
            .filter_map(|offset| Some((offset, truth.at_log_offset(offset)?)))
            .filter(|(_, record)| !record.done)
            .map(|(offset, record)| {
                let (_, partition) = truth.partition_name(record.partition);
                format!("{partition}@{} at {offset}: {:?}", record.offset, record.state)
            })
            .collect();
        format!("committed {at:?}, not done {waits:?}; {}", instances.join("; "))
    }

    /// Lets the window pass: all must leave, on all instances at the same place, and nothing may wait.
    fn roll(&mut self) -> Result<(), String> {
        if self.broker.truth.pending().0 > 0 {
            return Err(format!("nobody decides: {}", self.describe()));
        }
        let config = self.broker.plan.config;
        self.tally.evicted = self.broker.truth.next_offset() - self.broker.truth.low();
        self.broker.advance(config.window_ms + 5000);
        let ticks = if config.max_lateness_records > 1000 { 2 } else { config.max_lateness_records + 2 };
        for _ in 0..ticks {
            let entry = match self.instances.iter().flatten().next() {
                Some(instance) => instance.owner().entry(Body::Tick(crate::desk::sighting::Tick {})),
                None => return Ok(()),
            };
            self.broker.append(entry);
        }
        for instance in self.instances.iter_mut().flatten() {
            instance.fold(usize::MAX, &mut self.broker)?;
        }
        if ticks > 2 && self.broker.truth.live_items() > 0 {
            return Err(format!("never leaves: {} items", self.broker.truth.live_items()));
        }
        // And so does one that starts now.
        Instance::start(0, 0, &mut self.broker).map(|_| ())
    }
}
