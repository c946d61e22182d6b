//! What each figure shows. A figure's numbers are those that its lesson's text speaks of.

use crate::canvas::{Anchor, Canvas, Role};
use crate::figure::Figure;
use crate::sequence::{End, Layout, draw, passes, quiet};
use crate::text::{Text, same, text};

const LESSON_01: &str = "lesson01-basic-tcp";
const LESSON_02: &str = "lesson02-sticky-packets";
const LESSON_03: &str = "lesson03-struct-header";
const LESSON_04: &str = "lesson04-udp";
const LESSON_05: &str = "lesson05-threaded";
const LESSON_06: &str = "lesson06-proxy";
const LESSON_07: &str = "lesson07-video";
const LESSON_08: &str = "lesson08-files";
const LESSON_09: &str = "lesson09-reliable-udp";

/// All figures, in the order of the lessons.
pub fn all() -> Vec<Figure> {
    let figure = |lesson, name, title, canvas| Figure { lesson, name, title, canvas };
    vec![
        figure(
            LESSON_01,
            "connection",
            text("A TCP connection from its handshake to its end", "一条 TCP 连接，从握手到关闭"),
            connection(),
        ),
        figure(
            LESSON_01,
            "queues",
            text("The two queues in front of accept", "accept 前面的两个队列"),
            queues(),
        ),
        figure(
            LESSON_02,
            "sticky",
            text("Two sends, and what one recv takes", "发送两次，一次 recv 取到什么"),
            sticky(),
        ),
        figure(
            LESSON_03,
            "frames",
            text(
                "Two frames, and the recv calls that put them together",
                "两个帧，和把它们拼起来的各次 recv",
            ),
            frames(),
        ),
        figure(
            LESSON_04,
            "boundaries",
            text("A queue of bytes and a queue of datagrams", "字节队列和数据报队列"),
            boundaries(),
        ),
        figure(
            LESSON_05,
            "models",
            text("Four ways to serve three clients", "服务三个客户端的四种办法"),
            models(),
        ),
        figure(
            LESSON_06,
            "copies",
            text(
                "What recv and send copy, and what splice does not",
                "recv 和 send 要复制，splice 不用",
            ),
            copies(),
        ),
        figure(
            LESSON_07,
            "newest-frame",
            text("Room for one frame: the newest wins", "只放一帧的位置：留下最新的"),
            newest_frame(),
        ),
        figure(
            LESSON_08,
            "rename",
            text("A file gets its name in one step", "文件一步得到名字"),
            rename(),
        ),
        figure(
            LESSON_09,
            "window",
            text("A window of four, and one packet that is lost", "窗口为 4，丢了一个包"),
            window(),
        ),
    ]
}

const NONE: Text = same("");

fn connection() -> Canvas {
    use End::{Left, Right};
    let layout = Layout { does: 130, state: 122, between: 290 };
    let ends = [text("client", "客户端"), text("server", "服务端")];
    draw(
        ends,
        layout,
        &[
            quiet().right(same("listen"), same("LISTEN")),
            passes(Left, same("SYN  seq=x"), Role::First)
                .left(same("connect"), same("SYN_SENT"))
                .right(NONE, same("SYN_RCVD")),
            passes(Right, same("SYN, ACK  seq=y  ack=x+1"), Role::First)
                .left(text("connect returns", "connect 返回"), same("ESTABLISHED")),
            passes(Left, same("ACK  ack=y+1"), Role::First)
                .right(text("to accept queue", "进入全连接队列"), same("ESTABLISHED")),
            quiet().right(same("accept"), NONE),
            passes(Left, same("\"hello\"  seq=x+1"), Role::Good)
                .left(same("send"), NONE)
                .right(same("recv → \"hello\""), NONE),
            passes(Right, same("\"HELLO\"  seq=y+1  ack=x+6"), Role::Good)
                .left(same("recv → \"HELLO\""), NONE)
                .right(same("send"), NONE),
            passes(Left, same("FIN  seq=x+6  ack=y+6"), Role::Second)
                .left(same("close"), same("FIN_WAIT_1"))
                .right(same("recv → \"\""), same("CLOSE_WAIT")),
            passes(Right, same("ACK  ack=x+7"), Role::Second).left(NONE, same("FIN_WAIT_2")),
            passes(Right, same("FIN  seq=y+6"), Role::Second)
                .left(NONE, same("TIME_WAIT"))
                .right(same("close"), same("LAST_ACK")),
            passes(Left, same("ACK  ack=y+7"), Role::Second).right(NONE, same("CLOSED")),
        ],
    )
}

fn queues() -> Canvas {
    let mut canvas = Canvas::new(820, 214);
    canvas.rect((112, 18), (556, 150), Role::Frame);
    canvas.text((128, 42), Anchor::Start, Role::Head, text("the server's kernel", "服务端的内核"));
    canvas.text((60, 100), Anchor::Middle, Role::Plain, text("clients", "客户端"));
    canvas.arrow(&[(84, 95), (138, 95)], Role::First);
    canvas.call((112, 86), Anchor::Middle, Role::First, same("SYN"));
    canvas.text((220, 68), Anchor::Middle, Role::Plain, text("SYN queue", "半连接队列"));
    for number in 0..3 {
        canvas.rect((142 + number * 54, 78), (48, 34), Role::First);
    }
    canvas.call((220, 138), Anchor::Middle, Role::Soft, same("SYN_RCVD"));
    canvas.arrow(&[(306, 95), (400, 95)], Role::First);
    canvas.call((353, 86), Anchor::Middle, Role::First, same("ACK"));
    canvas.text((520, 68), Anchor::Middle, Role::Plain, text("accept queue", "全连接队列"));
    for number in 0..4 {
        canvas.rect((406 + number * 58, 78), (52, 34), Role::Good);
    }
    canvas.call((520, 138), Anchor::Middle, Role::Soft, same("ESTABLISHED"));
    canvas.text(
        (520, 157),
        Anchor::Middle,
        Role::Soft,
        text("as long as listen's backlog allows", "长度由 listen 的 backlog 决定"),
    );
    canvas.arrow(&[(640, 95), (712, 95)], Role::Good);
    canvas.call((690, 86), Anchor::Middle, Role::Good, same("accept"));
    canvas.labelled((718, 76), (84, 38), Role::Plain, text("program", "程序"));
    canvas.text(
        (410, 194),
        Anchor::Middle,
        Role::Soft,
        text(
            "connect returns when the handshake is done, whether or not the program has called accept",
            "握手一完成，connect 就返回，不管程序有没有调用 accept",
        ),
    );
    canvas
}

/// The side of a byte's cell.
const CELL: i32 = 24;

/// Bytes, a cell each.
fn cells(canvas: &mut Canvas, at: (i32, i32), role: Role, bytes: &[&'static str]) {
    let mut x = at.0;
    for byte in bytes {
        canvas.rect((x, at.1), (CELL, 26), role);
        canvas.call((x + CELL / 2, at.1 + 18), Anchor::Middle, role, same(byte));
        x += CELL;
    }
}

const HELLO: [&str; 5] = ["h", "e", "l", "l", "o"];
const WORLD: [&str; 5] = ["w", "o", "r", "l", "d"];

fn sticky() -> Canvas {
    let mut canvas = Canvas::new(820, 236);
    canvas.text((92, 34), Anchor::Middle, Role::Head, text("client", "客户端"));
    canvas.text(
        (386, 34),
        Anchor::Middle,
        Role::Head,
        text("the server's receive buffer", "服务端的接收缓冲区"),
    );
    canvas.text((690, 34), Anchor::Middle, Role::Head, text("server", "服务端"));
    canvas.call((20, 82), Anchor::Start, Role::First, same("send(\"hello\")"));
    canvas.call((20, 122), Anchor::Start, Role::Second, same("send(\"world\")"));
    canvas.arrow(&[(144, 78), (256, 94)], Role::First);
    canvas.arrow(&[(144, 118), (256, 102)], Role::Second);
    cells(&mut canvas, (266, 86), Role::First, &HELLO);
    cells(&mut canvas, (266 + 5 * CELL, 86), Role::Second, &WORLD);
    canvas.text(
        (386, 70),
        Anchor::Middle,
        Role::Soft,
        text("ten bytes in a row: no edge between them", "十个字节排成一排，中间没有边界"),
    );
    canvas.arrow(&[(514, 99), (566, 99)], Role::Plain);
    canvas.call((574, 103), Anchor::Start, Role::Bad, same("recv(1024) → \"helloworld\""));
    canvas.line(&[(266 + 7 * CELL, 118), (266 + 7 * CELL, 164)], Role::Bad);
    canvas.line(
        &[(266, 128), (266, 134), (266 + 7 * CELL - 3, 134), (266 + 7 * CELL - 3, 128)],
        Role::Soft,
    );
    canvas.line(
        &[(266 + 7 * CELL + 3, 128), (266 + 7 * CELL + 3, 134), (506, 134), (506, 128)],
        Role::Soft,
    );
    canvas.call((350, 154), Anchor::Middle, Role::Bad, same("recv(7) → \"hellowo\""));
    canvas.call((446, 154), Anchor::Start, Role::Bad, same("recv(7) → \"rld\""));
    canvas.text(
        (410, 190),
        Anchor::Middle,
        Role::Plain,
        text("Two messages stick together, or one is cut.", "两条消息粘在一起，或者一条被切开。"),
    );
    canvas.text(
        (410, 214),
        Anchor::Middle,
        Role::Soft,
        text(
            "How much a recv takes depends on what has come and on its limit, never on the sends.",
            "一次 recv 取多少，只看到了多少、上限多大，和发送了几次无关。",
        ),
    );
    canvas
}

fn frames() -> Canvas {
    let mut canvas = Canvas::new(820, 272);
    let left = 90;
    let place = |byte: i32| left + byte * 40;
    let bytes: [(&[&'static str], Role); 4] = [
        (&["05", "00", "00", "00"], Role::Third),
        (&["68", "65", "6c", "6c", "6f"], Role::First),
        (&["02", "00", "00", "00"], Role::Third),
        (&["68", "69"], Role::Second),
    ];
    let mut at = 0;
    for (bytes, role) in bytes {
        for byte in bytes {
            canvas.rect((place(at), 66), (40, 30), role);
            canvas.call((place(at) + 20, 86), Anchor::Middle, role, same(byte));
            at += 1;
        }
    }
    let heads = [
        (0, 4, Role::Third, text("length: 5", "长度：5")),
        (4, 9, Role::First, text("message: hello", "消息：hello")),
        (9, 13, Role::Third, text("length: 2", "长度：2")),
        (13, 15, Role::Second, text("message: hi", "消息：hi")),
    ];
    for (from, to, role, name) in heads {
        canvas.text(((place(from) + place(to)) / 2, 52), Anchor::Middle, role, name);
    }
    canvas.text((left - 10, 86), Anchor::End, Role::Soft, text("stream", "字节流"));
    canvas.text((left - 10, 118), Anchor::End, Role::Soft, text("arrives", "到达"));
    for cut in [2, 6, 11] {
        canvas.line(&[(place(cut), 58), (place(cut), 126)], Role::Dashed);
    }
    for (from, to) in [(0, 2), (2, 6), (6, 11), (11, 15)] {
        canvas.arrow(&[(place(from) + 6, 114), (place(to) - 6, 114)], Role::Soft);
    }
    let calls = [
        (0, 2, "recv(4) → 2", Role::Third),
        (2, 4, "recv(2) → 2", Role::Third),
        (4, 6, "recv(5) → 2", Role::First),
        (6, 9, "recv(3) → 3", Role::First),
        (9, 11, "recv(4) → 2", Role::Third),
        (11, 13, "recv(2) → 2", Role::Third),
        (13, 15, "recv(2) → 2", Role::Second),
    ];
    canvas.text((left - 10, 152), Anchor::End, Role::Soft, text("reader", "接收方"));
    for (number, (from, to, call, role)) in (0..).zip(calls) {
        let y = if number % 2 == 0 { 146 } else { 186 };
        canvas.line(
            &[
                (place(from) + 3, y - 8),
                (place(from) + 3, y),
                (place(to) - 3, y),
                (place(to) - 3, y - 8),
            ],
            role,
        );
        canvas.call(((place(from) + place(to)) / 2, y + 17), Anchor::Middle, role, same(call));
    }
    canvas.text((place(15) + 12, 118), Anchor::Start, Role::Soft, text("end", "结束"));
    canvas.call((place(15) + 8, 203), Anchor::Start, Role::Good, same("recv(4) → 0"));
    canvas.text(
        (410, 232),
        Anchor::Middle,
        Role::Plain,
        text(
            "Wherever TCP cuts, recv is called again until the part is whole.",
            "不管 TCP 在哪里切开，都再调用 recv，直到这一部分收齐。",
        ),
    );
    canvas.text(
        (410, 256),
        Anchor::Middle,
        Role::Soft,
        text(
            "It never asks for more than is missing, so nothing of the next message is taken by mistake.",
            "每次只要还缺的字节，所以不会误取下一条消息的内容。",
        ),
    );
    canvas
}

fn boundaries() -> Canvas {
    let mut canvas = Canvas::new(820, 250);
    for (left, name, is_udp) in [(0, same("TCP"), false), (410, same("UDP"), true)] {
        canvas.text((left + 205, 32), Anchor::Middle, Role::Head, name);
        let roles = [Role::First, Role::Second, Role::Third];
        for (number, (role, words)) in (0..).zip(roles.into_iter().zip(SENDS[usize::from(is_udp)]))
        {
            let y = 72 + number * 44;
            canvas.call((left + 20, y + 5), Anchor::Start, role, same(words));
            canvas.arrow(&[(left + 108, y), (left + 146, y)], role);
        }
        let queue = (left + 152, 52);
        canvas.rect(queue, (92, 128), Role::Frame);
        if is_udp {
            for (number, byte, role) in
                [(0, "1", Role::First), (1, "", Role::Second), (2, "3", Role::Third)]
            {
                canvas.labelled((left + 164, 58 + number * 40), (68, 34), role, same(byte));
            }
        } else {
            cells(&mut canvas, (left + 174, 103), Role::First, &["1"]);
            cells(&mut canvas, (left + 198, 103), Role::Third, &["3"]);
        }
        let name = if is_udp {
            text("a queue of datagrams", "数据报的队列")
        } else {
            text("a queue of bytes", "字节的队列")
        };
        canvas.text((left + 198, 200), Anchor::Middle, Role::Soft, name);
    }
    canvas.line(&[(410, 18), (410, 206)], Role::Soft);
    canvas.arrow(&[(250, 116), (286, 116)], Role::Plain);
    canvas.call((292, 121), Anchor::Start, Role::Bad, same("recv → \"13\""));
    for (number, words, role) in [
        (0, "recvfrom → \"1\"", Role::First),
        (1, "recvfrom → \"\"", Role::Second),
        (2, "recvfrom → \"3\"", Role::Third),
    ] {
        let y = 76 + number * 40;
        canvas.arrow(&[(660, y), (682, y)], role);
        canvas.call((688, y + 5), Anchor::Start, role, same(words));
    }
    canvas.text(
        (410, 230),
        Anchor::Middle,
        Role::Plain,
        text(
            "A datagram keeps its edges, and may be empty; but it may be lost, doubled or overtaken.",
            "数据报保留边界，也可以是空的；但它可能丢失、重复，或者被后面的超过。",
        ),
    );
    canvas
}

/// What is sent over TCP, and over UDP.
const SENDS: [[&str; 3]; 2] =
    [["send \"1\"", "send \"\"", "send \"3\""], ["sendto \"1\"", "sendto \"\"", "sendto \"3\""]];

/// A client, by the role that gives its colour, and its letter.
const A: (Role, Text) = (Role::First, same("a"));
const B: (Role, Text) = (Role::Second, same("b"));
const C: (Role, Text) = (Role::Third, same("c"));

fn models() -> Canvas {
    let mut canvas = Canvas::new(820, 424);
    let left = 232;
    // A thread's line, and when which client has it: from, to.
    let mut lane = |y: i32, name: Text, parts: &[(i32, i32, (Role, Text))]| {
        canvas.text((left - 14, y + 17), Anchor::End, Role::Soft, name);
        canvas.line(&[(left, y + 12), (800, y + 12)], Role::Soft);
        for (from, to, (role, letter)) in parts {
            canvas.labelled((left + from, y), (to - from, 24), *role, *letter);
        }
    };
    let thread =
        [text("thread 1", "线程 1"), text("thread 2", "线程 2"), text("thread 3", "线程 3")];
    lane(24, text("the only thread", "唯一的线程"), &[(0, 180, A), (180, 360, B), (360, 540, C)]);
    lane(96, thread[0], &[(0, 180, A)]);
    lane(126, thread[1], &[(20, 240, B)]);
    lane(156, thread[2], &[(40, 220, C)]);
    lane(228, thread[0], &[(0, 180, A), (180, 360, C)]);
    lane(258, thread[1], &[(20, 240, B)]);
    let slices: Vec<_> = [A, B, C, A, C, B, A, B, C, B, A, C]
        .into_iter()
        .zip(0..)
        .map(|(it, at)| (at * 44, at * 44 + 20, it))
        .collect();
    lane(330, text("the only thread", "唯一的线程"), &slices);
    for (y, name) in [(41, "serial"), (143, "thread"), (260, "pool"), (347, "event")] {
        canvas.call((20, y), Anchor::Start, Role::Head, same(name));
    }
    canvas.text(
        (left, 66),
        Anchor::Start,
        Role::Soft,
        text(
            "b waits until a has left, although its connection stands",
            "连接早已建立，b 还是要等 a 离开",
        ),
    );
    canvas.text(
        (left, 198),
        Anchor::Start,
        Role::Soft,
        text("nobody waits; each client costs a thread", "谁也不等；每个客户端占一个线程"),
    );
    canvas.text(
        (left, 300),
        Anchor::Start,
        Role::Soft,
        text(
            "two threads: c waits in the queue until one is free",
            "两个线程：c 在队列里等，等到有一个空出来",
        ),
    );
    canvas.text(
        (left, 372),
        Anchor::Start,
        Role::Soft,
        text(
            "served in the moment in which something has come, whoever it is",
            "谁的数据到了，就在那一刻服务谁",
        ),
    );
    canvas.arrow(&[(left, 396), (800, 396)], Role::Soft);
    canvas.text((800, 414), Anchor::End, Role::Soft, text("time", "时间"));
    canvas
}

fn copies() -> Canvas {
    let mut canvas = Canvas::new(820, 300);
    for (left, name) in [(0, same("recv, send")), (410, same("splice"))] {
        canvas.call((left + 205, 32), Anchor::Middle, Role::Head, name);
        canvas.text((left + 20, 66), Anchor::Start, Role::Soft, text("program", "程序"));
        canvas.line(&[(left + 20, 146), (left + 392, 146)], Role::Dashed);
        canvas.text((left + 20, 168), Anchor::Start, Role::Soft, text("kernel", "内核"));
        canvas.labelled(
            (left + 36, 184),
            (116, 44),
            Role::First,
            text("receive buffer", "接收缓冲区"),
        );
        canvas.labelled(
            (left + 258, 184),
            (116, 44),
            Role::First,
            text("send buffer", "发送缓冲区"),
        );
    }
    canvas.line(&[(410, 18), (410, 256)], Role::Soft);
    canvas.labelled((144, 78), (122, 44), Role::Second, text("our buffer", "我们的缓冲区"));
    canvas.arrow(&[(94, 180), (160, 126)], Role::Bad);
    canvas.text((112, 140), Anchor::End, Role::Bad, text("copy", "复制"));
    canvas.arrow(&[(250, 126), (316, 180)], Role::Bad);
    canvas.text((298, 140), Anchor::Start, Role::Bad, text("copy", "复制"));
    canvas.labelled((576, 186), (78, 40), Role::Good, text("pipe", "管道"));
    canvas.arrow(&[(566, 206), (574, 206)], Role::Good);
    canvas.arrow(&[(656, 206), (666, 206)], Role::Good);
    canvas.text(
        (615, 248),
        Anchor::Middle,
        Role::Good,
        text("references to pages move", "移动的是对内存页的引用"),
    );
    canvas.text((615, 104), Anchor::Middle, Role::Soft, text("sees no byte", "一个字节也看不到"));
    canvas.text(
        (410, 282),
        Anchor::Middle,
        Role::Plain,
        text(
            "Two copies are saved; but a proxy that shows or changes bytes has to see them.",
            "省下两次复制；但要显示或改动字节的代理，必须看到它们。",
        ),
    );
    canvas
}

fn newest_frame() -> Canvas {
    let mut canvas = Canvas::new(820, 276);
    let left = 150;
    let place = |tick: i32| left + tick * 78;
    canvas.text((left - 18, 62), Anchor::End, Role::Head, text("camera", "摄像头"));
    canvas.text((left - 18, 132), Anchor::End, Role::Head, text("the slot", "槽位"));
    canvas.text((left - 18, 202), Anchor::End, Role::Head, text("the line", "线路"));
    const NUMBERS: [&str; 8] = ["1", "2", "3", "4", "5", "6", "7", "8"];
    // Which of them is sent, and from when to when the line is busy with it, in ticks of ten.
    let sent = [(0, 2, 25), (2, 25, 50), (4, 50, 75)];
    for (tick, number) in (0..).zip(NUMBERS) {
        let goes = matches!(tick, 0 | 2 | 4 | 7);
        let role = if goes { Role::Good } else { Role::Bad };
        canvas.labelled((place(tick), 42), (46, 30), Role::First, same(number));
        canvas.arrow(&[(place(tick) + 23, 76), (place(tick) + 23, 108)], Role::Soft);
        canvas.labelled((place(tick), 112), (46, 30), role, same(number));
        if !goes {
            canvas.cross((place(tick) + 23, 127));
        }
    }
    for (tick, from, to) in sent {
        let (begin, end) = (left + from * 78 / 10, left + to * 78 / 10);
        let number = NUMBERS.get(usize::try_from(tick).unwrap_or(0)).copied().unwrap_or_default();
        canvas.arrow(&[(place(tick) + 23, 146), (begin.max(place(tick)) + 23, 176)], Role::Good);
        canvas.labelled((begin, 180), (end - begin - 6, 34), Role::Good, same(number));
    }
    canvas.arrow(&[(place(7) + 23, 146), (place(7) + 40, 176)], Role::Good);
    canvas.labelled((left + 75 * 78 / 10, 180), (70, 34), Role::Good, same("8"));
    canvas.text(
        (410, 258),
        Anchor::Middle,
        Role::Plain,
        text(
            "A frame that was not taken in time is replaced: what is sent is always the newest there is.",
            "来不及取走的帧会被换掉：发出去的，总是当时最新的一帧。",
        ),
    );
    canvas
}

fn rename() -> Canvas {
    let mut canvas = Canvas::new(820, 250);
    let left = 150;
    canvas.call((left - 14, 82), Anchor::End, Role::Second, same(".a.txt.part"));
    canvas.call((left - 14, 138), Anchor::End, Role::First, same("a.txt"));
    for (x, name) in [
        (200, text("1. fsync the file", "1. fsync 文件")),
        (340, text("2. rename", "2. rename")),
        (500, text("3. fsync the folder", "3. fsync 目录")),
    ] {
        canvas.line(&[(left + x, 44), (left + x, 176)], Role::Dashed);
        canvas.text((left + x, 34), Anchor::Middle, Role::Plain, name);
    }
    canvas.labelled(
        (left, 64),
        (200, 28),
        Role::Second,
        text("grows, in the cache", "写入中，还在缓存里"),
    );
    canvas.labelled((left + 200, 64), (140, 28), Role::Second, text("on the disk", "已到磁盘"));
    canvas.labelled(
        (left, 120),
        (340, 28),
        Role::First,
        text("the old file, whole", "旧文件，完整"),
    );
    canvas.labelled(
        (left + 340, 120),
        (310, 28),
        Role::Good,
        text("the new file, whole", "新文件，完整"),
    );
    canvas.call((left + 590, 34), Anchor::Start, Role::Good, same("\"ok\""));
    canvas.arrow(&[(left + 340, 80), (left + 360, 80), (left + 360, 116)], Role::Second);
    canvas.text(
        (left + 170, 196),
        Anchor::Middle,
        Role::Soft,
        text("a crash here leaves the old file", "在这里崩溃，留下旧文件"),
    );
    canvas.text((left + 420, 170), Anchor::Middle, Role::Soft, text("either of them", "二者之一"));
    canvas.text(
        (left + 580, 196),
        Anchor::Middle,
        Role::Soft,
        text("leaves the new file", "留下新文件"),
    );
    canvas.text(
        (410, 232),
        Anchor::Middle,
        Role::Plain,
        text(
            "Whoever opens a.txt gets one of the two, never half of one.",
            "谁打开 a.txt，得到的都是其中一个，绝不会是半个。",
        ),
    );
    canvas
}

fn window() -> Canvas {
    use End::{Left, Right};
    let layout = Layout { does: 190, state: 0, between: 330 };
    let ends = [text("sender", "发送方"), text("receiver", "接收方")];
    let data = Role::First;
    let ack = Role::Good;
    draw(
        ends,
        layout,
        &[
            passes(Left, same("Data 0"), data)
                .left(text("four may be in flight", "最多四个在途"), NONE),
            passes(Left, same("Data 1"), Role::Bad).lost(),
            passes(Left, same("Data 2"), data),
            passes(Left, same("Data 3"), data),
            passes(Right, same("Ack 1"), ack)
                .left(text("0 is there: one more", "0 到了：再发一个"), NONE)
                .right(text("expects 1", "等 1"), NONE),
            passes(Left, same("Data 4"), data),
            passes(Right, text("Ack 1, has 2", "Ack 1，已有 2"), ack)
                .right(text("keeps 2", "留着 2"), NONE),
            passes(Left, same("Data 5"), data),
            passes(Right, text("Ack 1, has 2 3", "Ack 1，已有 2、3"), ack),
            passes(Left, same("Data 6"), data),
            passes(Right, text("Ack 1, has 2 3 4", "Ack 1，已有 2、3、4"), ack)
                .left(text("three later: 1 is lost", "晚三个的到了：1 丢了"), NONE),
            passes(Left, same("Data 1"), Role::Second)
                .left(text("again, it alone", "只重发它"), NONE),
            passes(Right, text("Ack 1, has 2 3 4 5", "Ack 1，已有 2、3、4、5"), ack),
            passes(Right, text("Ack 1, has 2 3 4 5 6", "Ack 1，已有 2、3、4、5、6"), ack),
            passes(Right, same("Ack 7"), ack).right(text("0 to 6 are whole", "0 到 6 齐了"), NONE),
        ],
    )
}
