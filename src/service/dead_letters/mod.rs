//! Dead letters: read back, chosen from, and sent to where they came from once more.
//!
//! | file | what |
//! | --- | --- |
//! | `letter` | one dead letter, and which of them are meant |
//! | `reader` | the dead-letter topic, from an offset to the end that it had at the beginning |
//! | `replay` | sending them again, exactly once, at a rate, going on where an earlier run ended |

mod letter;
mod reader;
mod replay;

pub use letter::{DeadLetter, Filter, NotALetter, REPLAYS};
pub use reader::Reader;
pub use replay::{Replay, Replayer};

/// Why dead letters cannot be read or sent again.
#[derive(Debug, thiserror::Error)]
pub enum DeadLetterError {
    #[error("Kafka client: {0}")]
    Kafka(#[from] rdkafka::error::KafkaError),
    #[error(
        "the topic {0} does not exist, or may not be read: nothing was dead-lettered yet, or look at kafka.topic_prefix and the ACLs"
    )]
    NoTopic(String),
    #[error("no answer from the broker for {0} s")]
    Silent(u64),
    #[error(
        "a record was not written to {topic}: {error}; nothing of its batch was, and another run goes on from there"
    )]
    NotWritten { topic: String, error: String },
}
