//! The client that progenitor makes.

include!(concat!(env!("OUT_DIR"), "/client.rs"));
