//! A server that answers in upper case: `cargo run --bin lesson01-server PORT`

use std::env;
use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpListener;

fn main() -> Result<(), Box<dyn Error>> {
    let port = env::args().nth(1).ok_or("the port is missing")?;
    let server = TcpListener::bind(format!("127.0.0.1:{port}"))?;

    loop {
        let (mut connection, _address) = server.accept()?;
        let mut buffer = [0; 1024];
        // ASK: a client's reset makes these calls fail. Let it end this conversation only.
        // 客户端复位连接（RST），这里的调用就会出错。只结束这一场对话即可。
        loop {
            let length = connection.read(&mut buffer)?;
            if length == 0 {
                break;
            }
            // This changes the letters a to z and nothing else.
            connection.write_all(&buffer[..length].to_ascii_uppercase())?;
        }
        // The connection is closed here, where it goes out of scope.
    }
}
