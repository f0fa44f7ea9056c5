//! The seven laws over every machine, under traffic that is mostly right, under the vectors' inputs
//! and under noise. What a law says stands in the kit.
#![allow(clippy::unwrap_used, reason = "this is test code")]

mod event_stream;
mod follower;
mod http_client;
mod http_server;
mod polls;
mod server_connection;
mod traffic;
mod websocket;
