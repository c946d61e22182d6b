//! What makes lesson 06's server a program for a person: where clients are led, which engine leads
//! them, and what is said of them.

pub(crate) mod commands;
pub(crate) mod engine;
pub(crate) mod faulty_threads;
pub(crate) mod flow_log;
pub(crate) mod route_log;
pub(crate) mod routes;
pub(crate) mod udp;
pub(crate) mod view;
