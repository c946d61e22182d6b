"""Tests of the peers: the exact bytes of each, and each pair against itself.

    python3 tests/peers/selftest.py

A server is tried from a plain socket, a client by a plain listening or UDP socket, and a proxy
between the two. A test knows what a program has done by what it printed or sent, never by waiting a
while. TIMEOUT is only the time after which a test gives up. That something was *not* sent is shown
by what comes first instead.
"""

import atexit
import contextlib
import glob
import hashlib
import json
import os
import random
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

FOLDER = os.path.dirname(os.path.abspath(__file__))
TIMEOUT = 60  # seconds


class Program:
    """One running peer, with all that it has printed."""

    def __init__(self, name, *arguments, folder=None):
        self.name = name
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(FOLDER, name + ".py"), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            # A group of its own, so that killing it takes the commands it runs along.
            start_new_session=True,
        )
        self.printed = {"output": b"", "errors": b""}
        self.open = {"output", "errors"}
        self.changed = threading.Condition()
        pipes = {"output": self.process.stdout, "errors": self.process.stderr}
        self.readers = [
            threading.Thread(target=self._read, args=item, daemon=True) for item in pipes.items()
        ]
        for reader in self.readers:
            reader.start()
        # An interrupted test run does not get to its clean-ups.
        atexit.register(self.kill)

    def _read(self, where, pipe):
        while True:
            piece = os.read(pipe.fileno(), 65536)
            with self.changed:
                self.printed[where] += piece
                if not piece:
                    self.open.discard(where)
                self.changed.notify_all()
            if not piece:
                return

    @property
    def output(self):
        return self.printed["output"].decode("utf-8", "replace")

    @property
    def errors(self):
        return self.printed["errors"].decode("utf-8", "replace")

    def wait_for(self, text, where="output", times=1):
        """Returns once the program has printed `text` so many times."""

        def printed():
            return getattr(self, where).count(text) >= times

        with self.changed:
            self.changed.wait_for(lambda: printed() or where not in self.open, TIMEOUT)
        if not printed():
            raise AssertionError(f"{self.name} did not print {text!r}\n{self.transcript()}")

    def type(self, text):
        self.process.stdin.write(text.encode("utf-8"))
        self.process.stdin.flush()

    def end_input(self):
        self.process.stdin.close()

    def wait_for_exit(self):
        """Returns the exit status, when all output has been read too."""
        try:
            status = self.process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not end\n{self.transcript()}") from None
        for reader in self.readers:
            reader.join(TIMEOUT)
        return status

    def kill(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for reader in self.readers:
            reader.join(TIMEOUT)
        # What was typed for a program that has ended cannot be flushed any more.
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.stdout.close()
        self.process.stderr.close()
        atexit.unregister(self.kill)

    def transcript(self):
        return f"--- {self.name} printed\n{self.output}\n--- and as errors\n{self.errors}"


class PeerTest(unittest.TestCase):
    """Starts programs and sockets that are gone when the test ends."""

    maxDiff = None

    def server(self, name, *more, folder=None):
        program = self.listening(1, name, 0, *more, folder=folder)
        program.port = program.ports[0]
        return program

    def listening(self, count, name, *arguments, folder=None):
        """A server whose first lines, so many of them, tell its ports."""
        program = Program(name, *arguments, folder=folder)
        self.addCleanup(program.kill)
        program.wait_for("\n", times=count)
        program.ports = []
        for line in program.output.split("\n")[:count]:
            found = re.fullmatch(r"listening on 127\.0\.0\.1:(\d+)", line)
            self.assertTrue(found, f"{line!r} is no port\n{program.transcript()}")
            program.ports.append(int(found.group(1)))
        return program

    def client(self, name, port, *more, folder=None):
        program = Program(name, "127.0.0.1", port, *more, folder=folder)
        self.addCleanup(program.kill)
        return program

    def typed(self, name, port, text, folder=None):
        """A client whose whole input is `text`."""
        program = self.client(name, port, folder=folder)
        program.type(text)
        program.end_input()
        return program

    def connect(self, server):
        return self.connect_to(server.port)

    def connect_to(self, port):
        sock = socket.create_connection(("127.0.0.1", port), TIMEOUT)
        self.addCleanup(sock.close)
        return sock

    def bound(self, kind=socket.SOCK_STREAM):
        """A socket with a port of its own; TCP's refuses connections until it listens."""
        sock = socket.socket(socket.AF_INET, kind)
        self.addCleanup(sock.close)
        sock.settimeout(TIMEOUT)
        sock.bind(("127.0.0.1", 0))
        return sock, sock.getsockname()[1]

    def listener(self):
        sock, port = self.bound()
        sock.listen(5)
        return sock, port

    def datagrams(self):
        return self.bound(socket.SOCK_DGRAM)

    def accept(self, listener):
        conn, _ = listener.accept()
        conn.settimeout(TIMEOUT)
        self.addCleanup(conn.close)
        return conn

    def receive(self, sock, size):
        """Exactly `size` bytes, or fewer if the stream ends."""
        data = b""
        while len(data) < size:
            piece = sock.recv(size - len(data))
            if not piece:
                break
            data += piece
        return data

    def receive_to_end(self, sock):
        """All bytes up to the end of the stream, which must come within a mebibyte."""
        data = b""
        while True:
            piece = sock.recv(65536)
            if not piece:
                return data
            data += piece
            self.assertLess(len(data), 1 << 20, "the stream does not end")

    def reset(self, sock):
        """Closes so that the other side gets a reset."""
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()

    def assert_exchange(self, sock, request, answer):
        sock.sendall(request)
        self.assertEqual(self.receive(sock, len(answer)), answer)

    def assert_datagram(self, sock, expected):
        """The next datagram is this one; returns who sent it."""
        data, sender = sock.recvfrom(65536)
        self.assertEqual(data, expected)
        return sender

    def assert_answered(self, sock, server, request, answer):
        """The server answers this datagram with that one."""
        address = ("127.0.0.1", server.port)
        sock.sendto(request, address)
        self.assertEqual(self.assert_datagram(sock, answer), address)

    def assert_quiet(self, sock):
        """Nothing has come, neither bytes nor the end of the stream."""
        sock.setblocking(False)
        with self.assertRaises(BlockingIOError):
            sock.recv(1)
        sock.settimeout(TIMEOUT)

    def assert_ends(self, program, status, error=""):
        """The program ends with this status and this error (an expression), or without any."""
        self.assertEqual(program.wait_for_exit(), status, program.transcript())
        if error:
            # The line with the error's name is not always the last: notes may follow it.
            named = re.compile(rf"^[\w.]*(?:{error})", re.MULTILINE)
            self.assertRegex(program.errors, named, program.transcript())
        else:
            self.assertEqual(program.errors, "", program.transcript())


class S000_1(PeerTest):
    def test_each_message_is_answered_with_sok(self):
        server = self.server("s000_1_server")
        sock = self.connect(server)
        self.assert_exchange(sock, b"connect succeed", b"sok")
        self.assert_exchange(sock, "你好".encode("utf-8"), b"sok")
        server.wait_for("waiting connect\n127.0.0.1is connected!\n")
        server.wait_for("connect succeed\n你好\n")

    def test_two_messages_that_arrive_together_get_one_answer(self):
        server = self.server("s000_1_server")
        sock = self.connect(server)
        self.assert_exchange(sock, b"ab", b"sok")
        # Were there a second answer, it would come before this message's.
        self.assert_exchange(sock, b"c", b"sok")
        server.wait_for("ab\nc\n")

    def test_a_client_that_leaves_ends_the_server(self):
        server = self.server("s000_1_server")
        sock = self.connect(server)
        self.assert_exchange(sock, b"a", b"sok")
        sock.close()
        self.assert_ends(server, 1, "BrokenPipeError")
        self.assertTrue(server.output.endswith("\nwork over!\n"), server.transcript())

    def test_a_reset_ends_the_server(self):
        server = self.server("s000_1_server")
        sock = self.connect(server)
        self.assert_exchange(sock, b"a", b"sok")
        self.reset(sock)
        self.assert_ends(server, 1, "ConnectionResetError")

    def test_a_character_cut_by_the_read_ends_the_server(self):
        server = self.server("s000_1_server")
        # 1024 is not a multiple of 3, so the read ends inside a character.
        self.connect(server).sendall("你".encode("utf-8") * 342)
        self.assert_ends(server, 1, "UnicodeDecodeError")

    def test_a_half_closed_client_is_not_answered_for_ever(self):
        server = self.server("s000_1_server")
        sock = self.connect(server)
        self.assert_exchange(sock, b"a", b"sok")
        sock.shutdown(socket.SHUT_WR)
        self.assertRegex(self.receive_to_end(sock), rb"\A(sok)+\Z")
        self.assert_ends(server, 1, "ConnectionAbortedError")

    def test_the_client_speaks_first_and_shows_answers_a_line_late(self):
        listener, port = self.listener()
        client = self.client("s000_1_client", port)
        conn = self.accept(listener)
        self.assertEqual(self.receive(conn, 15), b"connect succeed")
        client.type(" 一 \n")
        # The line is held back until the first answer has been read.
        client.wait_for("please input the message")
        self.assert_quiet(conn)
        conn.sendall(b"sok")
        self.assertEqual(self.receive(conn, 5), b" \xe4\xb8\x80 ")
        client.end_input()
        self.assert_ends(client, 1, "EOFError")
        self.assertEqual(
            client.output, "please input the messagesok\nsend over!\nplease input the message"
        )

    def test_the_pair_works(self):
        server = self.server("s000_1_server")
        client = self.typed("s000_1_client", server.port, "one\ntwo\n")
        self.assert_ends(client, 1, "EOFError")
        # Whether the last answer was there when the client left decides which of the two it is.
        self.assert_ends(server, 1, "BrokenPipeError|ConnectionResetError")
        self.assertIn("connect succeed\none\ntwo\n", server.output)
        self.assertEqual(client.output.count("sok\nsend over!\n"), 2)


class S000_2(PeerTest):
    PICTURE = b"\xff\xd8\xff\xe0 a picture \xff\xd9"

    def assert_sent(self, sock, picture):
        """One picture as the tutorial's client sends it."""
        self.assert_exchange(sock, b"%d, " % len(picture), b"ok")
        self.assert_exchange(sock, picture, b"ok")

    def test_the_server_says_ok_to_the_number_and_ok_to_the_picture(self):
        with tempfile.TemporaryDirectory() as folder:
            server = self.server("s000_2_server", folder)
            sock = self.connect(server)
            self.assert_sent(sock, self.PICTURE)
            self.assert_exchange(sock, b"1017,", b"ok")
            # In two pieces, and a line for each.
            sock.sendall(self.PICTURE[:10])
            server.wait_for("receive:10/1017\n")
            self.assert_exchange(sock, self.PICTURE[10:-2] + bytes(1000) + b"\xff\xd9", b"ok")
            sock.close()
            server.wait_for("receive:1017/1017\n已断开!\n")
            with open(os.path.join(folder, "1.jpg"), "rb") as file:
                self.assertEqual(file.read(), self.PICTURE)
            self.assertEqual(sorted(os.listdir(folder)), ["1.jpg", "2.jpg"])

    def test_a_second_client_is_served_after_the_first(self):
        server = self.server("s000_2_server")
        first, second = self.connect(server), self.connect(server)
        self.assert_sent(first, self.PICTURE)
        first.close()
        self.assert_sent(second, self.PICTURE)

    def test_a_number_that_is_none_is_answered_and_ends_the_server(self):
        for number, error in ((b"abc", "ValueError"), (b"\xff", "UnicodeDecodeError")):
            server = self.server("s000_2_server")
            sock = self.connect(server)
            self.assert_exchange(sock, number, b"ok")
            self.assert_ends(server, 1, error)

    def test_an_empty_picture_is_answered_twice_and_ends_the_server(self):
        server = self.server("s000_2_server")
        sock = self.connect(server)
        sock.sendall(b"0, ")
        self.assertEqual(self.receive_to_end(sock), b"okok")
        self.assert_ends(server, 1, "ValueError: no picture to show")

    def test_what_is_no_picture_is_answered_and_ends_the_server(self):
        server = self.server("s000_2_server")
        self.assert_sent(self.connect(server), b"no picture")
        self.assert_ends(server, 1, "ValueError: no picture to show")

    def test_a_client_that_leaves_in_the_middle_of_a_picture_makes_the_server_spin(self):
        server = self.server("s000_2_server")
        sock = self.connect(server)
        self.assert_exchange(sock, b"1000, ", b"ok")
        sock.sendall(bytes(10))
        sock.close()
        # The bound, and every turn has printed its line until then.
        self.assert_ends(server, 1, "ConnectionAbortedError")
        self.assertEqual(server.output.count("receive:10/1000\n"), 1001)

    def test_the_client_waits_for_both_oks_and_dies_at_the_end_of_the_film(self):
        listener, port = self.listener()
        client = self.client("s000_2_client", port, 2)
        conn = self.accept(listener)
        pictures = []
        for shown in range(2):
            length = conn.recv(1024)
            self.assertRegex(length, rb"\A[1-9]\d*, \Z")
            self.assert_quiet(conn)
            conn.sendall(b"ok")
            pictures.append(self.receive(conn, int(length[:-2])))
            self.assert_quiet(conn)
            conn.sendall(b"ok")
            client.wait_for("延时:", times=shown + 1)
        self.assertEqual(self.receive_to_end(conn), b"")
        self.assert_ends(client, 1, "TypeError")
        self.assertRegex(client.output, r"\A(延时:\d+ms\n){2}\Z")
        self.assertNotEqual(*pictures)
        for picture in pictures:
            self.assertTrue(picture.startswith(b"\xff\xd8\xff\xe0") and picture[-2:] == b"\xff\xd9")

    def test_a_number_that_is_not_answered_by_exactly_ok_has_no_picture(self):
        listener, port = self.listener()
        client = self.client("s000_2_client", port, 1)
        conn = self.accept(listener)
        self.assertRegex(conn.recv(1024), rb"\A\d+, \Z")
        conn.sendall(b"okok")
        conn.shutdown(socket.SHUT_WR)
        self.assertEqual(self.receive_to_end(conn), b"")
        self.assert_ends(client, 1, "TypeError")
        self.assertEqual(client.output, "")

    def test_a_picture_that_is_not_answered_by_exactly_ok_has_no_delay(self):
        listener, port = self.listener()
        client = self.client("s000_2_client", port, 2)
        conn = self.accept(listener)
        for answer in (b"okok", b"ok"):
            length = conn.recv(1024)
            self.assertRegex(length, rb"\A\d+, \Z")
            conn.sendall(b"ok")
            self.receive(conn, int(length[:-2]))
            conn.sendall(answer)
        self.assert_ends(client, 1, "TypeError")
        self.assertRegex(client.output, r"\A延时:\d+ms\n\Z")

    def test_the_pair_works(self):
        server = self.server("s000_2_server")
        for clients in (1, 2):
            client = self.client("s000_2_client", server.port, 20)
            self.assert_ends(client, 1, "TypeError")
            self.assertEqual(client.output.count("延时:"), 20)
            server.wait_for("已断开!\n", times=clients)
        whole = re.findall(r"^receive:(\d+)/\1$", server.output, re.MULTILINE)
        self.assertEqual(len(whole), 40)


class ProxyTest(PeerTest):
    """What the tests of both proxies share."""

    WAITING = "代理服务器设置完毕,等待设备接入...\n"
    CONNECTED = "代理服务器已和设备连接,正在传输...\n"
    SPINNING = "1000 empty reads"

    def proxy(self):
        """A proxy and the listener that it leads to."""
        listener, port = self.listener()
        return self.server("s000_3_proxy", "127.0.0.1", port), listener

    def listener_at(self, host, port):
        """A listener at a port that is free there, but for what an earlier run may have left."""
        # create_server sets SO_REUSEADDR, so that a TIME_WAIT does no harm.
        listener = socket.create_server((host, port))
        self.addCleanup(listener.close)
        listener.settimeout(TIMEOUT)
        return listener

    def connect_again(self, port):
        """Tries until somebody listens, as whoever comes second has to."""
        deadline = time.monotonic() + TIMEOUT
        while True:
            try:
                return self.connect_to(port)
            except ConnectionRefusedError:
                self.assertLess(time.monotonic(), deadline, f"nobody listens on {port} again")

    def through(self, proxy, listener, clients=1):
        """Both ends of a connection through the proxy, which has had so many with this one.

        The proxy listens again by then, so that the next client is not refused.
        """
        user = self.connect(proxy)
        server = self.accept(listener)
        proxy.wait_for(self.WAITING, times=clients + 1)
        return user, server

    def assert_relays(self, source, sink, data=b"any bytes"):
        """The bytes that go in at one end come out at the other, and so far no others."""
        self.send_aside(source, data)
        self.assert_received(sink, data)
        self.assert_quiet(sink)

    def send_aside(self, sock, data):
        """Sends in a thread, since nobody may have room for all of it before it is received."""
        sender = threading.Thread(target=sock.sendall, args=(data,))
        self.addCleanup(sender.join)
        sender.start()

    def assert_received(self, sock, data):
        received = self.receive(sock, len(data))
        # assertEqual would print the whole of both.
        self.assertTrue(received == data, f"{len(received)} bytes are not the {len(data)} sent")

    def assert_refused(self, port):
        with self.assertRaises(ConnectionRefusedError):
            self.connect_to(port)


class S000_3(ProxyTest):
    def test_bytes_pass_unchanged_in_both_directions_and_at_once(self):
        user, server = self.through(*self.proxy())
        there, back = random.Random(1).randbytes(300000), random.Random(2).randbytes(300000)
        self.send_aside(user, there)
        self.send_aside(server, back)
        self.assert_received(server, there)
        self.assert_received(user, back)
        self.assert_relays(user, server, b"and no more")
        self.assert_relays(server, user, b"and no more")

    def test_each_piece_is_a_line_without_its_port_and_bytes(self):
        proxy, listener = self.proxy()
        user, server = self.through(proxy, listener)
        self.assert_relays(user, server, b"a")
        proxy.wait_for("->")
        self.assert_relays(server, user, b"b")
        proxy.wait_for("<-")
        start = f"listening on 127.0.0.1:{proxy.port}\n{self.WAITING}{self.CONNECTED}{self.WAITING}"
        self.assertEqual(proxy.output, start + "[{}] -> {}\n[{}] <- {}\n")
        # A piece has 4096 bytes at most, so this is one line and ten more at least.
        self.assert_relays(user, server, bytes(40960))
        proxy.wait_for("[{}] -> {}\n", times=11)

    def test_the_server_may_speak_first(self):
        user, server = self.through(*self.proxy())
        self.assert_relays(server, user, b"|------")
        self.assert_relays(user, server, b"hello")

    def test_clients_are_relayed_side_by_side(self):
        proxy, listener = self.proxy()
        pairs = [self.through(proxy, listener, clients) for clients in (1, 2, 3)]
        for n, (user, server) in enumerate(pairs):
            self.assert_relays(user, server, b"to server %d" % n)
        for n, (user, server) in enumerate(reversed(pairs)):
            self.assert_relays(server, user, b"to user %d" % n)

    def test_a_client_that_tries_again_is_served_after_the_first_has_left(self):
        upstream = self.server("s001_10_server")
        proxy = self.server("s000_3_proxy", "127.0.0.1", upstream.port)
        for _ in range(3):
            sock = self.connect_again(proxy.port)
            self.assert_exchange(sock, b"hello", b"HELLO")
            sock.close()

    def test_while_it_connects_upstream_nobody_gets_in(self):
        upstream, port = self.bound()
        upstream.listen(0)
        # A queue of 0 holds one connection. With this in it, the proxy's has to wait.
        queued = self.connect_to(port)
        proxy = self.server("s000_3_proxy", "127.0.0.1", port)
        user = self.connect(proxy)
        # Either the listener has gone, or it is about to, and resets who stands in its queue.
        with self.assertRaises((ConnectionRefusedError, ConnectionResetError)):
            self.connect(proxy).recv(1)
        self.assertEqual(self.accept(upstream).getpeername(), queued.getsockname())
        self.assert_relays(user, self.accept(upstream))
        another = self.connect_again(proxy.port)
        self.assert_relays(another, self.accept(upstream))

    def test_the_end_of_a_client_is_not_passed_on(self):
        proxy, listener = self.proxy()
        user, server = self.through(proxy, listener)
        self.assert_relays(user, server)
        user.shutdown(socket.SHUT_WR)
        proxy.wait_for(self.SPINNING, "errors")
        self.assert_quiet(server)
        self.assert_relays(server, user)
        user.close()
        self.assert_relays(*self.through(proxy, listener, clients=2))
        self.assert_quiet(server)

    def test_the_end_of_the_server_is_not_passed_on(self):
        proxy, listener = self.proxy()
        user, server = self.through(proxy, listener)
        self.assert_relays(server, user)
        server.shutdown(socket.SHUT_WR)
        proxy.wait_for(self.SPINNING, "errors")
        self.assert_quiet(user)
        self.assert_relays(user, server)
        server.close()
        self.assert_relays(*self.through(proxy, listener, clients=2))
        self.assert_quiet(user)

    def test_a_reset_is_not_passed_on_and_ends_one_thread_only(self):
        proxy, listener = self.proxy()
        for clients, leaves in ((1, 0), (2, 1)):
            ends = self.through(proxy, listener, clients)
            self.assert_relays(*ends)
            self.reset(ends[leaves])
            proxy.wait_for("ConnectionResetError", "errors", times=clients)
            self.assert_quiet(ends[1 - leaves])
        self.assert_relays(*self.through(proxy, listener, clients=3))

    def test_a_refused_upstream_ends_it(self):
        _, port = self.bound()
        proxy = self.server("s000_3_proxy", "127.0.0.1", port)
        self.assertEqual(self.receive_to_end(self.connect(proxy)), b"")
        self.assert_ends(proxy, 0, "ConnectionRefusedError")
        self.assertNotIn(self.CONNECTED, proxy.output)
        self.assert_refused(proxy.port)

    def test_a_refused_upstream_leaves_those_who_are_connected(self):
        proxy, listener = self.proxy()
        user, server = self.through(proxy, listener)
        listener.close()
        self.assertEqual(self.receive_to_end(self.connect(proxy)), b"")
        proxy.wait_for("ConnectionRefusedError", "errors")
        self.assert_refused(proxy.port)
        self.assert_relays(user, server)
        self.assert_relays(server, user)

    def test_without_an_upstream_it_leads_to_the_same_port(self):
        proxy = self.server("s000_3_proxy")
        listener = self.listener_at("127.0.0.2", proxy.port)
        self.assert_relays(*self.through(proxy, listener))

    def test_a_pair_works_through_it(self):
        for pair, text, line in (
            ("s001_1", "hello\n", "b'HELLO'\n"),
            ("s003_1", "", "|------成功连接服务端!------|\n"),
        ):
            with self.subTest(pair):
                upstream = self.server(f"{pair}_server")
                proxy = self.server("s000_3_proxy", "127.0.0.1", upstream.port)
                client = self.typed(f"{pair}_client", proxy.port, text)
                client.wait_for_exit()
                self.assertIn(line, client.output, client.transcript())


class S000_3_Multiport(ProxyTest):
    def test_each_port_leads_to_its_own_upstream(self):
        listeners = [self.listener() for _ in range(3)]
        proxy = self.listening(3, "s000_3_multiport", *(f"0={port}" for _, port in listeners))
        for (listener, _), port in reversed(list(zip(listeners, proxy.ports))):
            user = self.connect_to(port)
            server = self.accept(listener)
            self.assert_relays(user, server)
            self.assert_relays(server, user)

    def test_six_ports_lead_to_the_same_ports_upstream(self):
        for arguments, host in (([0], "127.0.0.2"), ([0, "127.0.0.3"], "127.0.0.3")):
            proxy = self.listening(6, "s000_3_multiport", *arguments)
            self.assertEqual(len(set(proxy.ports)), 6)
            for port in proxy.ports:
                listener = self.listener_at(host, port)
                user = self.connect_to(port)
                self.assert_relays(user, self.accept(listener))

    def test_a_refused_upstream_ends_its_port_only(self):
        listener, port = self.listener()
        _, refuses = self.bound()
        proxy = self.listening(2, "s000_3_multiport", f"0={refuses}", f"0={port}")
        self.assertEqual(self.receive_to_end(self.connect_to(proxy.ports[0])), b"")
        proxy.wait_for("ConnectionRefusedError", "errors")
        self.assert_refused(proxy.ports[0])
        user = self.connect_to(proxy.ports[1])
        self.assert_relays(user, self.accept(listener))


class S001_1(PeerTest):
    def test_only_ascii_letters_change(self):
        server = self.server("s001_1_server")
        sock = self.connect(server)
        self.assert_exchange(sock, b"hello", b"HELLO")
        self.assert_exchange(sock, bytes.fromhex("e5958a61"), bytes.fromhex("e5958a41"))
        self.assert_exchange(sock, b"\xff\xfe az", b"\xff\xfe AZ")
        self.assert_exchange(sock, b"x" * 3000, b"X" * 3000)
        server.wait_for("来自客户端的数据 b'hello'\n")

    def test_after_an_end_and_after_a_reset_the_next_client_is_served(self):
        server = self.server("s001_1_server")
        for leave in (lambda sock: sock.close(), self.reset, lambda sock: sock.close()):
            sock = self.connect(server)
            self.assert_exchange(sock, b"a", b"A")
            leave(sock)

    def test_the_second_client_waits_for_the_first(self):
        server = self.server("s001_1_server")
        first, second = self.connect(server), self.connect(server)
        second.sendall(b"second")
        self.assert_exchange(first, b"first", b"FIRST")
        self.assert_quiet(second)
        first.close()
        self.assertEqual(self.receive(second, 6), b"SECOND")

    def test_the_client_strips_lines_and_does_not_send_blank_ones(self):
        listener, port = self.listener()
        client = self.typed("s001_1_client", port, "\n  hello \n\t\n啊\n")
        conn = self.accept(listener)
        self.assertEqual(self.receive(conn, 5), b"hello")
        conn.sendall(b"HELLO")
        self.assertEqual(self.receive(conn, 3), "啊".encode("utf-8"))
        conn.sendall("啊".encode("utf-8"))
        self.assertEqual(self.receive_to_end(conn), b"")
        self.assert_ends(client, 1, "EOFError")
        self.assertEqual(
            client.output, ">>: >>: b'HELLO'\n>>: >>: b'\\xe5\\x95\\x8a'\n>>: "
        )

    def test_the_client_dies_at_the_second_line_after_the_server_has_closed(self):
        listener, port = self.listener()
        client = self.client("s001_1_client", port)
        self.accept(listener).close()
        client.type("a\n")
        client.wait_for("b''\n")
        client.type("b\n")
        self.assert_ends(client, 1, "BrokenPipeError")

    def test_the_pair_works(self):
        server = self.server("s001_1_server")
        client = self.typed("s001_1_client", server.port, "hello\nworld\n")
        self.assert_ends(client, 1, "EOFError")
        self.assertEqual(client.output, ">>: b'HELLO'\n>>: b'WORLD'\n>>: ")


class S001_2(PeerTest):
    def test_the_output_comes_raw_stdout_first(self):
        server = self.server("s001_2_server")
        sock = self.connect(server)
        self.assert_exchange(sock, b"echo err 1>&2; echo out", b"out\nerr\n")
        self.assert_exchange(sock, "printf 汉字".encode("utf-8"), "汉字".encode("utf-8"))
        self.assert_exchange(sock, b"printf '\\377\\000'", b"\xff\x00")
        server.wait_for("cmd: b'echo err 1>&2; echo out'\n")

    def test_a_command_without_output_is_not_answered(self):
        server = self.server("s001_2_server")
        sock = self.connect(server)
        sock.sendall(b"true")
        server.wait_for("cmd: b'true'\n")
        self.assert_exchange(sock, b"echo a", b"a\n")

    def test_two_commands_that_arrive_together_are_run_as_one(self):
        server = self.server("s001_2_server")
        self.assert_exchange(self.connect(server), b"echo aecho b", b"aecho b\n")

    def test_a_long_output_arrives_whole(self):
        server = self.server("s001_2_server")
        expected = b"".join(b"%d\n" % n for n in range(1, 100001))
        self.assert_exchange(self.connect(server), b"seq 1 100000", expected)

    def test_after_an_orderly_end_the_next_client_is_served(self):
        server = self.server("s001_2_server")
        for _ in range(2):
            sock = self.connect(server)
            self.assert_exchange(sock, b"echo a", b"a\n")
            sock.close()

    def test_a_reset_ends_the_server(self):
        server = self.server("s001_2_server")
        sock = self.connect(server)
        self.assert_exchange(sock, b"echo a", b"a\n")
        self.reset(sock)
        self.assert_ends(server, 1, "ConnectionResetError")

    def test_a_command_that_is_not_utf8_ends_the_server(self):
        server = self.server("s001_2_server")
        self.connect(server).sendall(b"\xff")
        self.assert_ends(server, 1, "UnicodeDecodeError")

    def test_the_client_sends_lines_as_they_are_and_reads_once(self):
        listener, port = self.listener()
        client = self.typed("s001_2_client", port, " one \ntwo\n")
        conn = self.accept(listener)
        self.assertEqual(self.receive(conn, 5), b" one ")
        conn.sendall(b"x" * 1024 + b"rest")
        self.assertEqual(self.receive(conn, 3), b"two")
        self.assert_ends(client, 1, "EOFError")
        prompt = "please enter your data"
        self.assertEqual(
            client.output,
            f"{prompt}from server: b'{'x' * 1024}'\n{prompt}from server: b'rest'\n{prompt}",
        )

    def test_an_empty_line_sends_nothing_and_waits_for_an_answer(self):
        listener, port = self.listener()
        client = self.typed("s001_2_client", port, "\nnext\n")
        conn = self.accept(listener)
        conn.sendall(b"unasked")
        client.wait_for("from server: b'unasked'\n")
        self.assertEqual(self.receive(conn, 4), b"next")

    def test_the_pair_answers_the_second_command_with_the_rest_of_the_first(self):
        server = self.server("s001_2_server")
        client = self.typed("s001_2_client", server.port, "seq 1 1000\necho hi\n")
        self.assert_ends(client, 1, "EOFError")
        output = b"".join(b"%d\n" % n for n in range(1, 1001))
        self.assertIn(f"from server: {output[:1024]!r}\n", client.output)
        self.assertIn(f"from server: {output[1024:2048]!r}\n", client.output)
        # It left with unread bytes, which the server gets as a reset.
        self.assert_ends(server, 1, "ConnectionResetError")


class S001_3(PeerTest):
    def printed_messages(self, server):
        return re.findall("^-----> (.*)$", server.output, re.MULTILINE)

    def test_the_client_sends_two_words_and_leaves(self):
        listener, port = self.listener()
        client = self.client("s001_3_client", port)
        self.assertEqual(self.receive_to_end(self.accept(listener)), b"helloworld")
        self.assert_ends(client, 0)

    def test_without_a_server_the_client_dies_at_the_send(self):
        _, port = self.bound()
        self.assert_ends(self.client("s001_3_client", port), 1, "BrokenPipeError")

    def test_what_arrives_together_is_read_as_one(self):
        server = self.server("s001_3_server")
        sock = self.connect(server)
        sock.sendall(b"helloworld")
        sock.shutdown(socket.SHUT_WR)
        self.assertEqual(self.receive_to_end(sock), b"")
        self.assert_ends(server, 0)
        self.assertEqual(self.printed_messages(server), ["helloworld", ""])

    def test_the_pair_works(self):
        server = self.server("s001_3_server")
        self.assert_ends(self.client("s001_3_client", server.port), 0)
        self.assert_ends(server, 0)
        # Together or apart, both are legal.
        messages = self.printed_messages(server)
        self.assertIn(messages, [["helloworld", ""], ["hello", "world"]])


class S001_4(PeerTest):
    def test_the_client_sends_ten_bytes_and_leaves(self):
        listener, port = self.listener()
        client = self.client("s001_4_client", port)
        self.assertEqual(self.receive_to_end(self.accept(listener)), b"hello feng")
        self.assert_ends(client, 0)

    def test_without_a_server_the_client_dies_at_the_send(self):
        _, port = self.bound()
        self.assert_ends(self.client("s001_4_client", port), 1, "BrokenPipeError")

    def test_the_pair_cuts_the_message_after_two_bytes(self):
        server = self.server("s001_4_server")
        self.assert_ends(self.client("s001_4_client", server.port), 0)
        self.assert_ends(server, 0)
        self.assertTrue(server.output.endswith("\n-----> he\n-----> llo feng\n"), server.output)


class S001_5(PeerTest):
    def test_the_length_comes_first_and_the_output_after_recv_ready(self):
        server = self.server("s001_5_server")
        sock = self.connect(server)
        output = b"".join(b"%d\n" % n for n in range(1, 1001))
        self.assert_exchange(sock, b"seq 1 1000", b"3893")
        self.assert_exchange(sock, b"recv_ready", output)
        server.wait_for("start...\ncmd: b'seq 1 1000'\n")

    def test_stderr_is_sent_only_when_there_is_no_stdout(self):
        server = self.server("s001_5_server")
        sock = self.connect(server)
        self.assert_exchange(sock, b"echo out; echo error 1>&2", b"4")
        self.assert_exchange(sock, b"recv_ready", b"out\n")
        self.assert_exchange(sock, b"echo error 1>&2", b"6")
        self.assert_exchange(sock, b"recv_ready", b"error\n")
        self.assert_exchange(sock, b"true", b"0")

    def test_without_recv_ready_nothing_is_sent(self):
        server = self.server("s001_5_server")
        sock = self.connect(server)
        self.assert_exchange(sock, b"echo hi", b"3")
        # The end of the stream behind it is an empty command, whose length is 0: were the
        # output sent, it would come before that.
        sock.sendall(b"recv_readyecho ho")
        sock.shutdown(socket.SHUT_WR)
        self.assertEqual(self.receive(sock, 1), b"0")

    def test_a_client_that_leaves_ends_the_server(self):
        server = self.server("s001_5_server")
        sock = self.connect(server)
        self.assert_exchange(sock, b"true", b"0")
        sock.close()
        self.assert_ends(server, 1, "BrokenPipeError")
        self.assertIn("cmd: b''\n", server.output)

    def test_the_client_acknowledges_and_shows_the_last_piece_only(self):
        listener, port = self.listener()
        client = self.typed("s001_5_client", port, "\n  one \ntwo\n")
        conn = self.accept(listener)
        self.assertEqual(self.receive(conn, 3), b"one")
        conn.sendall(b"1500")
        self.assertEqual(self.receive(conn, 10), b"recv_ready")
        conn.sendall(b"x" * 1024 + b"y" * 476)
        self.assertEqual(self.receive(conn, 3), b"two")
        conn.sendall(b"0")
        self.assertEqual(self.receive_to_end(conn), b"recv_ready")
        self.assert_ends(client, 1, "EOFError")
        prompt = "please enter your cmd you want>>>"
        self.assertEqual(client.output, f"{prompt}{prompt}{'y' * 476}\n{prompt}\n{prompt}")

    def test_output_glued_to_the_length_ends_the_client(self):
        listener, port = self.listener()
        client = self.typed("s001_5_client", port, "echo hi\n")
        conn = self.accept(listener)
        self.assert_exchange(conn, b"3hi\n", b"echo hi")
        self.assert_ends(client, 1, "ValueError")

    def test_the_pair_works(self):
        server = self.server("s001_5_server")
        client = self.typed("s001_5_client", server.port, "echo one\necho two\n")
        self.assert_ends(client, 1, "EOFError")
        prompt = "please enter your cmd you want>>>"
        self.assertEqual(client.output, f"{prompt}one\n\n{prompt}two\n\n{prompt}")
        self.assert_ends(server, 1, "BrokenPipeError")


class S001_8(PeerTest):
    def answer(self, output):
        header = '{"filename": "a.txt", "total_size": %d, "hash": "xasf123213123"}' % len(output)
        return struct.pack("<i", len(header)) + header.encode("ascii") + output

    def test_length_header_stdout_and_stderr_come_in_this_order(self):
        server = self.server("s001_8_server")
        sock = self.connect(server)
        self.assertEqual(self.answer(b"hi\n")[:4], b"\x3f\0\0\0")
        self.assert_exchange(sock, b"echo hi", self.answer(b"hi\n"))
        self.assert_exchange(sock, b"echo err 1>&2; echo out", self.answer(b"out\nerr\n"))
        self.assert_exchange(sock, b"true", self.answer(b""))
        numbers = b"".join(b"%d\n" % n for n in range(1, 10001))
        self.assert_exchange(sock, b"seq 1 10000", self.answer(numbers))

    def test_a_client_that_leaves_ends_the_server(self):
        server = self.server("s001_8_server")
        self.connect(server).close()
        self.assert_ends(server, 1, "BrokenPipeError")

    def test_the_client_sends_lines_as_they_are_but_not_empty_ones(self):
        listener, port = self.listener()
        client = self.typed("s001_8_client", port, "\n one \ntwo\n")
        conn = self.accept(listener)
        self.assertEqual(self.receive(conn, 5), b" one ")
        body = "汉".encode("utf-8") * 1000
        conn.sendall(self.answer(body))
        self.assertEqual(self.receive(conn, 3), b"two")
        # What stands behind the output is printed with it.
        conn.sendall(self.answer(b"hi\n") + b"more")
        self.assertEqual(self.receive_to_end(conn), b"")
        self.assert_ends(client, 1, "EOFError")
        prompt = "please enter your cmd you want>>>"
        self.assertEqual(client.output, f"{prompt}{prompt}{'汉' * 1000}\n{prompt}hi\nmore\n{prompt}")

    def test_half_a_length_ends_the_client(self):
        listener, port = self.listener()
        client = self.typed("s001_8_client", port, "a\n")
        self.accept(listener).sendall(b"\x3f\0")
        self.assert_ends(client, 1, "struct.error: unpack requires a buffer of 4 bytes")

    def test_half_a_header_ends_the_client(self):
        listener, port = self.listener()
        client = self.typed("s001_8_client", port, "a\n")
        self.accept(listener).sendall(self.answer(b"hi\n")[:30])
        self.assert_ends(client, 1, "JSONDecodeError")

    def test_the_pair_works(self):
        server = self.server("s001_8_server")
        client = self.typed("s001_8_client", server.port, "echo hi\ntrue\n")
        self.assert_ends(client, 1, "EOFError")
        prompt = "please enter your cmd you want>>>"
        self.assertEqual(client.output, f"{prompt}hi\n\n{prompt}\n{prompt}")
        self.assert_ends(server, 1, "BrokenPipeError")


class S001_9(PeerTest):
    def test_only_ascii_letters_change(self):
        server = self.server("s001_9_server")
        sock, port = self.datagrams()
        self.assert_answered(sock, server, b"hello", b"HELLO")
        self.assert_answered(sock, server, "啊a".encode("utf-8"), "啊A".encode("utf-8"))
        self.assert_answered(sock, server, b"\xff\xfe az", b"\xff\xfe AZ")
        server.wait_for(f"===> b'hello' ('127.0.0.1', {port})\n")

    def test_an_empty_datagram_is_answered_by_an_empty_one(self):
        server = self.server("s001_9_server")
        sock, _ = self.datagrams()
        self.assert_answered(sock, server, b"", b"")
        server.wait_for("===> b'' ")

    def test_a_datagram_is_cut_at_1024_bytes_and_its_rest_is_lost(self):
        server = self.server("s001_9_server")
        sock, _ = self.datagrams()
        self.assert_answered(sock, server, b"x" * 1024 + b"y" * 976, b"X" * 1024)
        self.assert_answered(sock, server, b"next", b"NEXT")

    def test_each_client_gets_its_own_answers(self):
        server = self.server("s001_9_server")
        first, second = self.datagrams()[0], self.datagrams()[0]
        first.sendto(b"first", ("127.0.0.1", server.port))
        self.assert_answered(second, server, b"second", b"SECOND")
        self.assert_datagram(first, b"FIRST")

    def test_the_client_strips_lines_and_sends_empty_ones(self):
        sock, port = self.datagrams()
        client = self.typed("s001_9_client", port, "  hello \n\n啊\n")
        address = self.assert_datagram(sock, b"hello")
        sock.sendto(b"HELLO", address)
        self.assertEqual(self.assert_datagram(sock, b""), address)
        sock.sendto(b"", address)
        self.assert_datagram(sock, "啊".encode("utf-8"))
        sock.sendto("啊".encode("utf-8"), address)
        self.assert_ends(client, 1, "EOFError")
        self.assertEqual(
            client.output, ">>: b'HELLO'\n>>: b''\n>>: b'\\xe5\\x95\\x8a'\n>>: "
        )

    def test_the_client_waits_and_is_answered_by_anybody(self):
        sock, port = self.datagrams()
        client = self.typed("s001_9_client", port, "one\ntwo\n")
        address = self.assert_datagram(sock, b"one")
        self.assert_quiet(sock)
        stranger, _ = self.datagrams()
        stranger.sendto(b"hear me", address)
        self.assert_datagram(sock, b"two")
        client.wait_for(">>: b'hear me'\n")

    def test_the_pair_works(self):
        server = self.server("s001_9_server")
        client = self.typed("s001_9_client", server.port, "hello\n\nworld\n")
        self.assert_ends(client, 1, "EOFError")
        self.assertEqual(client.output, ">>: b'HELLO'\n>>: b''\n>>: b'WORLD'\n>>: ")


class S001_10(PeerTest):
    ANSWER = "b'CLIENT33333'\n"

    def test_only_ascii_letters_change_and_nothing_is_printed(self):
        server = self.server("s001_10_server")
        sock = self.connect(server)
        self.assert_exchange(sock, b"hello", b"HELLO")
        self.assert_exchange(sock, bytes.fromhex("e5958a61"), bytes.fromhex("e5958a41"))
        self.assert_exchange(sock, b"\xff\xfe az", b"\xff\xfe AZ")
        self.assert_exchange(sock, b"x" * 3000, b"X" * 3000)
        server.kill()
        self.assertEqual(server.output, f"listening on 127.0.0.1:{server.port}\n")

    def test_clients_are_served_side_by_side(self):
        server = self.server("s001_10_server")
        first, second = self.connect(server), self.connect(server)
        self.assert_exchange(second, b"second", b"SECOND")
        self.assert_exchange(first, b"first", b"FIRST")

    def test_a_client_that_leaves_ends_its_thread_only(self):
        server = self.server("s001_10_server")
        other = self.connect(server)
        half_close = lambda sock: (sock.shutdown(socket.SHUT_WR), self.receive_to_end(sock))
        for leave in (half_close, self.reset, lambda sock: sock.close()):
            sock = self.connect(server)
            self.assert_exchange(sock, b"a", b"A")
            leave(sock)
            self.assert_exchange(other, b"b", b"B")

    def test_the_client_waits_for_each_answer_and_does_as_many_exchanges_as_asked(self):
        listener, port = self.listener()
        client = self.client("s001_10_client", port, 2)
        conn = self.accept(listener)
        self.assertEqual(self.receive(conn, 11), b"client33333")
        self.assert_quiet(conn)
        conn.sendall(b"one")
        self.assertEqual(self.receive(conn, 11), b"client33333")
        conn.sendall(b"\xff")
        self.assertEqual(self.receive_to_end(conn), b"")
        self.assert_ends(client, 0)
        self.assertEqual(client.output, "b'one'\nb'\\xff'\n")

    def test_the_client_without_a_count_goes_on_until_the_server_is_killed(self):
        server = self.server("s001_10_server")
        client = self.client("s001_10_client", server.port)
        client.wait_for(self.ANSWER, times=100)
        server.kill()
        self.assert_ends(client, 1, "BrokenPipeError|ConnectionResetError")

    def test_after_an_orderly_end_the_client_prints_empty_answers_and_dies(self):
        listener, port = self.listener()
        client = self.client("s001_10_client", port)
        conn = self.accept(listener)
        self.assertEqual(self.receive(conn, 11), b"client33333")
        conn.close()
        self.assert_ends(client, 1, "BrokenPipeError")
        self.assertRegex(client.output, r"\A(b''\n)+\Z")

    def test_the_pair_works(self):
        server = self.server("s001_10_server")
        clients = [self.client("s001_10_client", server.port, 3) for _ in range(3)]
        for client in clients:
            self.assert_ends(client, 0)
            self.assertEqual(client.output, self.ANSWER * 3)


class S001_11(PeerTest):
    def test_only_ascii_letters_change(self):
        server = self.server("s001_11_server")
        sock, port = self.datagrams()
        self.assert_answered(sock, server, b"hello", b"HELLO")
        self.assert_answered(sock, server, "啊a".encode("utf-8"), "啊A".encode("utf-8"))
        self.assert_answered(sock, server, b"\xff\xfe az", b"\xff\xfe AZ")
        server.wait_for(f"('127.0.0.1', {port})\n(b'hello', <socket.socket fd=")
        server.wait_for("客户消息 b'hello'\n")

    def test_an_empty_datagram_is_answered_by_an_empty_one(self):
        server = self.server("s001_11_server")
        sock, _ = self.datagrams()
        self.assert_answered(sock, server, b"", b"")
        server.wait_for("客户消息 b''\n")

    def test_a_datagram_is_cut_at_8192_bytes_and_its_rest_is_lost(self):
        server = self.server("s001_11_server")
        sock, _ = self.datagrams()
        self.assert_answered(sock, server, b"x" * 8192 + b"y" * 808, b"X" * 8192)
        self.assert_answered(sock, server, b"next", b"NEXT")

    def test_each_client_gets_its_own_answers(self):
        server = self.server("s001_11_server")
        first, second = self.datagrams()[0], self.datagrams()[0]
        first.sendto(b"first", ("127.0.0.1", server.port))
        self.assert_answered(second, server, b"second", b"SECOND")
        self.assert_datagram(first, b"FIRST")

    def test_the_client_waits_for_each_answer_and_does_as_many_exchanges_as_asked(self):
        sock, port = self.datagrams()
        client = self.client("s001_11_client", port, 2)
        address = self.assert_datagram(sock, b"client1111")
        self.assert_quiet(sock)
        sock.sendto(b"one", address)
        self.assert_datagram(sock, b"client1111")
        sock.sendto(b"", address)
        self.assert_ends(client, 0)
        self.assertEqual(client.output, "b'one'\nb''\n")

    def test_the_client_without_a_count_goes_on_and_is_answered_by_anybody(self):
        sock, port = self.datagrams()
        client = self.client("s001_11_client", port)
        stranger, _ = self.datagrams()
        for _ in range(100):
            stranger.sendto(b"hear me", self.assert_datagram(sock, b"client1111"))
        client.wait_for("b'hear me'\n", times=100)

    def test_the_pair_works(self):
        server = self.server("s001_11_server")
        clients = [self.client("s001_11_client", server.port, 3) for _ in range(3)]
        for client in clients:
            self.assert_ends(client, 0)
            self.assertEqual(client.output, "b'CLIENT1111'\n" * 3)


class S002_1(PeerTest):
    ANSWER = bytes.fromhex("e59b9ee4bda0e4b880e58fa52ce5858de5be97e5b0b4e5b0ac")

    def test_every_message_gets_the_same_answer(self):
        server = self.server("s002_1_server")
        sock = self.connect(server)
        self.assertEqual(len(self.ANSWER), 25)
        self.assert_exchange(sock, b"hello", self.ANSWER)
        self.assert_exchange(sock, "你好".encode("utf-8"), self.ANSWER)
        server.wait_for("客户端发来的是: 你好\n")

    def test_however_a_client_leaves_the_next_is_served(self):
        server = self.server("s002_1_server")
        not_utf8 = lambda sock: (sock.sendall(b"\xff"), self.receive_to_end(sock))
        half_close = lambda sock: (sock.shutdown(socket.SHUT_WR), self.receive_to_end(sock))
        close = lambda sock: sock.close()
        for leave in (close, self.reset, not_utf8, half_close, close):
            sock = self.connect(server)
            self.assert_exchange(sock, b"a", self.ANSWER)
            leave(sock)

    def test_the_client_strips_lines_and_does_not_send_blank_ones(self):
        listener, port = self.listener()
        client = self.typed("s002_1_client", port, "\n 你好 \n")
        conn = self.accept(listener)
        self.assertEqual(self.receive(conn, 6), "你好".encode("utf-8"))
        conn.sendall(self.ANSWER)
        self.assertEqual(self.receive_to_end(conn), b"")
        self.assert_ends(client, 1, "EOFError")
        self.assertEqual(
            client.output,
            ">>: >>: 客户端已经发送消息\n收到服务端发来的消息: 回你一句,免得尴尬\n>>: ",
        )

    def test_the_pair_works(self):
        server = self.server("s002_1_server")
        client = self.typed("s002_1_client", server.port, "one\ntwo\n")
        self.assert_ends(client, 1, "EOFError")
        self.assertEqual(client.output.count("收到服务端发来的消息: 回你一句,免得尴尬\n"), 2)
        server.wait_for("客户端发来的是: two\n")


def framed(output):
    return struct.pack("<i", len(output)) + output


class S002_2(PeerTest):
    SUCCESS = bytes.fromhex("08000000d6b4d0d0b3c9b9a6")

    def test_the_answer_is_stderr_or_stdout_or_success(self):
        server = self.server("s002_2_server")
        sock = self.connect(server)
        self.assert_exchange(sock, b"true", self.SUCCESS)
        self.assert_exchange(sock, b"false", self.SUCCESS)
        self.assert_exchange(sock, b"echo out", b"\x04\0\0\0out\n")
        self.assert_exchange(sock, b"echo out; echo err 1>&2", framed(b"err\n"))
        self.assert_exchange(sock, "printf 汉字".encode("utf-8"), framed("汉字".encode("utf-8")))
        server.wait_for("收到客户端的命令 b'true'\n信息发送完毕\n")

    def test_a_connection_stays_open_until_the_next_client_is_accepted(self):
        server = self.server("s002_2_server")
        first = self.connect(server)
        first.sendall(b"\xff")
        server.wait_for("codec can't decode")
        self.assert_quiet(first)
        self.assert_exchange(self.connect(server), b"true", self.SUCCESS)
        self.assertEqual(self.receive_to_end(first), b"")

    def test_after_an_end_and_after_a_reset_the_next_client_is_served(self):
        server = self.server("s002_2_server")
        for leave in (lambda sock: sock.close(), self.reset, lambda sock: sock.close()):
            sock = self.connect(server)
            self.assert_exchange(sock, b"true", self.SUCCESS)
            leave(sock)

    def test_the_client_reads_until_the_server_ends_the_stream(self):
        listener, port = self.listener()
        client = self.typed("s002_2_client", port, "\n one \ntwo\n")
        conn = self.accept(listener)
        self.assertEqual(self.receive(conn, 3), b"one")
        conn.sendall(self.SUCCESS)
        client.wait_for("执行成功\n")
        # The length has been met, but what follows is still taken for the answer.
        conn.sendall(b"more")
        client.wait_for("more\n")
        self.assert_quiet(conn)
        conn.shutdown(socket.SHUT_WR)
        self.assertEqual(self.receive(conn, 3), b"two")
        self.assert_ends(client, 1, "struct.error")
        self.assertEqual(client.output, ">>: >>: 执行成功\nmore\n>>: ")

    def test_the_client_decodes_utf8_as_gbk(self):
        listener, port = self.listener()
        client = self.typed("s002_2_client", port, "a\n")
        conn = self.accept(listener)
        conn.sendall(framed("汉字".encode("utf-8")))
        client.wait_for("姹夊瓧\n")
        conn.sendall("汉".encode("utf-8"))
        self.assert_ends(client, 1, "UnicodeDecodeError")

    def test_half_a_length_ends_the_client(self):
        listener, port = self.listener()
        client = self.typed("s002_2_client", port, "a\n")
        self.accept(listener).sendall(b"\x08\0")
        self.assert_ends(client, 1, "struct.error: unpack requires a buffer of 4 bytes")

    def test_quit_ends_the_client_and_is_not_sent(self):
        listener, port = self.listener()
        client = self.typed("s002_2_client", port, "quit\n")
        self.assertEqual(self.receive_to_end(self.accept(listener)), b"")
        self.assert_ends(client, 0)

    def test_the_pair_does_one_command(self):
        server = self.server("s002_2_server")
        client = self.typed("s002_2_client", server.port, "echo hi\nquit\n")
        client.wait_for(">>: hi\n")
        # The end of the server ends the answer, and so brings the client back to its prompt.
        server.kill()
        self.assert_ends(client, 0)

    def test_it_mixes_with_s004_5(self):
        server = self.server("s002_2_server")
        client = self.typed("s004_5_client", server.port, "echo hi\ntrue\n")
        self.assert_ends(client, 1, "EOFError")
        self.assertEqual(client.output, ">>>>>>>:hi\n\n>>>>>>>:执行成功\n>>>>>>>:")


class S002_3(PeerTest):
    ANSWER = b"Welcome to hear"

    def test_every_datagram_gets_the_same_answer(self):
        server = self.server("s002_3_server")
        sock, _ = self.datagrams()
        for request in (b"hello", b"", b"\xff", "你好".encode("utf-8"), b"x" * 2000):
            self.assert_answered(sock, server, request, self.ANSWER)
        server.wait_for("信息发送成功\n", times=5)

    def test_each_client_gets_its_own_answers(self):
        server = self.server("s002_3_server")
        first, second = self.datagrams()[0], self.datagrams()[0]
        first.sendto(b"first", ("127.0.0.1", server.port))
        self.assert_answered(second, server, b"second", self.ANSWER)
        self.assert_datagram(first, self.ANSWER)

    def test_the_client_strips_lines_and_sends_empty_ones(self):
        sock, port = self.datagrams()
        client = self.typed("s002_3_client", port, " 你好 \n\n")
        address = self.assert_datagram(sock, "你好".encode("utf-8"))
        sock.sendto(self.ANSWER, address)
        self.assertEqual(self.assert_datagram(sock, b""), address)
        sock.sendto(b"", address)
        self.assert_ends(client, 1, "EOFError")
        self.assertEqual(client.output, ">>: Welcome to hear\n>>: \n>>: ")

    def test_the_client_decodes_gbk(self):
        sock, port = self.datagrams()
        client = self.typed("s002_3_client", port, "one\ntwo\nthree\n")
        sock.sendto("中文".encode("gbk"), self.assert_datagram(sock, b"one"))
        sock.sendto("汉字".encode("utf-8"), self.assert_datagram(sock, b"two"))
        sock.sendto("汉".encode("utf-8"), self.assert_datagram(sock, b"three"))
        self.assert_ends(client, 1, "UnicodeDecodeError")
        self.assertEqual(client.output, ">>: 中文\n>>: 姹夊瓧\n>>: ")

    def test_the_client_waits_and_is_answered_by_anybody(self):
        sock, port = self.datagrams()
        client = self.typed("s002_3_client", port, "one\ntwo\n")
        address = self.assert_datagram(sock, b"one")
        self.assert_quiet(sock)
        stranger, _ = self.datagrams()
        stranger.sendto(b"hear me", address)
        self.assert_datagram(sock, b"two")
        client.wait_for(">>: hear me\n")

    def test_the_pair_works(self):
        server = self.server("s002_3_server")
        client = self.typed("s002_3_client", server.port, "hello\n\n")
        self.assert_ends(client, 1, "EOFError")
        self.assertEqual(client.output, ">>: Welcome to hear\n" * 2 + ">>: ")


class S002_4(PeerTest):
    def test_only_ascii_letters_change(self):
        server = self.server("s002_4_server")
        sock = self.connect(server)
        self.assert_exchange(sock, b"hello", b"HELLO")
        self.assert_exchange(sock, bytes.fromhex("e5958a61"), bytes.fromhex("e5958a41"))
        self.assert_exchange(sock, b"\xff\xfe az", b"\xff\xfe AZ")
        self.assert_exchange(sock, b"x" * 3000, b"X" * 3000)
        address = sock.getsockname()
        server.wait_for("conn is:  <socket.socket fd=")
        server.wait_for(f"addr is:  {address}\n收到客户端的消息是 b'hello' {address}\n")

    def test_clients_are_served_side_by_side(self):
        server = self.server("s002_4_server")
        first, second = self.connect(server), self.connect(server)
        self.assert_exchange(second, b"second", b"SECOND")
        self.assert_exchange(first, b"first", b"FIRST")

    def test_an_orderly_end_ends_its_connection_and_prints_nothing(self):
        server = self.server("s002_4_server")
        sock = self.connect(server)
        self.assert_exchange(sock, b"a", b"A")
        sock.shutdown(socket.SHUT_WR)
        self.assertEqual(self.receive_to_end(sock), b"")
        server.kill()
        address = sock.getsockname()
        self.assertTrue(
            server.output.endswith(f"收到客户端的消息是 b'a' {address}\n"), server.transcript()
        )

    def test_a_reset_is_printed_and_ends_its_connection_only(self):
        server = self.server("s002_4_server")
        other = self.connect(server)
        sock = self.connect(server)
        self.assert_exchange(sock, b"a", b"A")
        self.reset(sock)
        server.wait_for("[Errno 104] Connection reset by peer\n")
        self.assert_exchange(other, b"b", b"B")
        self.assert_exchange(self.connect(server), b"c", b"C")

    def test_the_client_strips_lines_and_does_not_send_blank_ones(self):
        listener, port = self.listener()
        client = self.typed("s002_4_client", port, "\n  hello \n\t\n啊\n")
        conn = self.accept(listener)
        self.assertEqual(self.receive(conn, 5), b"hello")
        conn.sendall(b"HELLO")
        self.assertEqual(self.receive(conn, 3), "啊".encode("utf-8"))
        conn.sendall("啊".encode("utf-8"))
        self.assertEqual(self.receive_to_end(conn), b"")
        self.assert_ends(client, 1, "EOFError")
        answer = "收到服务端发来的消息:"
        self.assertEqual(client.output, f">>: >>: {answer} HELLO\n>>: >>: {answer} 啊\n>>: ")

    def test_half_a_character_ends_the_client(self):
        listener, port = self.listener()
        client = self.typed("s002_4_client", port, "a\n")
        self.accept(listener).sendall("啊".encode("utf-8")[:2])
        self.assert_ends(client, 1, "UnicodeDecodeError")

    def test_quit_ends_the_client_and_is_not_sent(self):
        listener, port = self.listener()
        client = self.typed("s002_4_client", port, "quit\n")
        self.assertEqual(self.receive_to_end(self.accept(listener)), b"")
        self.assert_ends(client, 0)

    def test_the_client_dies_at_the_second_line_after_the_server_has_closed(self):
        listener, port = self.listener()
        client = self.client("s002_4_client", port)
        self.accept(listener).close()
        client.type("a\n")
        client.wait_for("收到服务端发来的消息: \n")
        client.type("b\n")
        self.assert_ends(client, 1, "BrokenPipeError")

    def test_the_pair_works(self):
        server = self.server("s002_4_server")
        client = self.typed("s002_4_client", server.port, "hello\n啊a\nquit\n")
        self.assert_ends(client, 0)
        answer = "收到服务端发来的消息:"
        self.assertEqual(client.output, f">>: {answer} HELLO\n>>: {answer} 啊A\n>>: ")


class S003_1(PeerTest):
    GREETING = bytes.fromhex(
        "7c2d2d2d2d2d2de68890e58a9fe8bf9ee68ea5e69c8de58aa1e7abaf212d2d2d2d2d2d7c"
    )

    def test_every_client_is_greeted_and_the_stream_ends(self):
        server = self.server("s003_1_server")
        self.assertEqual(len(self.GREETING), 36)
        for _ in range(2):
            self.assertEqual(self.receive_to_end(self.connect(server)), self.GREETING)
        server.wait_for("连接地址: ('127.0.0.1', ")

    def test_the_client_sends_nothing_and_prints_what_one_read_gives(self):
        listener, port = self.listener()
        client = self.client("s003_1_client", port)
        conn = self.accept(listener)
        conn.sendall(self.GREETING)
        self.assertEqual(self.receive_to_end(conn), b"")
        self.assert_ends(client, 0)
        self.assertEqual(client.output, "|------成功连接服务端!------|\n")

    def test_without_a_server_the_client_is_refused(self):
        _, port = self.bound()
        self.assert_ends(self.client("s003_1_client", port), 1, "ConnectionRefusedError")

    def test_the_pair_works(self):
        server = self.server("s003_1_server")
        client = self.client("s003_1_client", server.port)
        self.assert_ends(client, 0)
        self.assertEqual(client.output, "|------成功连接服务端!------|\n")


class S004_1(PeerTest):
    def test_one_request_is_answered_and_the_server_ends(self):
        server = self.server("s004_1_server")
        sock = self.connect(server)
        sock.sendall(b"hello,server")
        self.assertEqual(self.receive_to_end(sock), b"HELLO,SERVER")
        self.assert_ends(server, 0)

    def test_a_silent_client_gets_nothing(self):
        server = self.server("s004_1_server")
        sock = self.connect(server)
        sock.shutdown(socket.SHUT_WR)
        self.assertEqual(self.receive_to_end(sock), b"")
        self.assert_ends(server, 0)

    def test_a_reset_ends_the_server(self):
        server = self.server("s004_1_server")
        self.reset(self.connect(server))
        self.assert_ends(server, 1, "ConnectionResetError")

    def test_the_client_says_hello(self):
        listener, port = self.listener()
        client = self.client("s004_1_client", port)
        conn = self.accept(listener)
        self.assertEqual(self.receive(conn, 12), b"hello,server")
        conn.sendall(b"answer")
        self.assertEqual(self.receive_to_end(conn), b"")
        self.assert_ends(client, 0)
        self.assertEqual(client.output, "answer\n")

    def test_the_pair_works(self):
        server = self.server("s004_1_server")
        client = self.client("s004_1_client", server.port)
        self.assert_ends(client, 0)
        self.assertEqual(client.output, "HELLO,SERVER\n")
        self.assert_ends(server, 0)


class S004_2(PeerTest):
    TEXT = b"abcdefghijklmnopqrstuvwxyz1234567890"
    FRAME = b"\x24\0\0\0" + TEXT

    def received(self, text):
        return f"已收到客户端信息: {text}\n"

    def test_whole_messages_are_printed_and_not_answered(self):
        server = self.server("s004_2_server")
        sock = self.connect(server)
        sock.sendall(framed(b"abc") + framed(b"") + framed("汉字".encode("utf-8")))
        server.wait_for(self.received("abc") + self.received("") + self.received("汉字"))
        sock.shutdown(socket.SHUT_WR)
        self.assertEqual(self.receive_to_end(sock), b"")
        self.assert_ends(server, 1, "struct.error: unpack requires a buffer of 4 bytes")

    def test_a_message_that_has_not_arrived_whole_is_cut_and_its_rest_read_as_a_length(self):
        server = self.server("s004_2_server")
        sock = self.connect(server)
        sock.sendall(struct.pack("<i", 10) + b"abcde")
        server.wait_for(self.received("abcde"))
        sock.sendall(b"\x02\0\0\0xy")
        server.wait_for(self.received("xy"))

    def test_after_a_reset_the_next_client_is_served(self):
        server = self.server("s004_2_server")
        sock = self.connect(server)
        sock.sendall(framed(b"abc"))
        server.wait_for(self.received("abc"))
        self.reset(sock)
        server.wait_for("客户端已中断连接\n")
        self.connect(server).sendall(framed(b"def"))
        server.wait_for(self.received("def"))

    def test_a_negative_length_ends_the_server(self):
        server = self.server("s004_2_server")
        self.connect(server).sendall(struct.pack("<i", -1))
        self.assert_ends(server, 1, "ValueError: negative buffersize")

    def test_the_client_sends_as_many_messages_as_asked(self):
        listener, port = self.listener()
        client = self.client("s004_2_client", port, 3, 0.001)
        self.assertEqual(self.receive_to_end(self.accept(listener)), self.FRAME * 3)
        self.assert_ends(client, 0)

    def test_the_client_without_a_count_goes_on_after_a_reset(self):
        listener, port = self.listener()
        client = self.client("s004_2_client", port)
        for _ in range(2):
            conn = self.accept(listener)
            self.assertEqual(self.receive(conn, 40 * 100), self.FRAME * 100)
            self.reset(conn)
        client.wait_for("服务端已中断连接\n服务端已中断连接\n")

    def test_the_client_waits_for_a_server_that_refuses(self):
        listener, port = self.bound()
        client = self.client("s004_2_client", port, 1)
        client.wait_for("无法连接到服务器\n")
        listener.listen(5)
        self.assertEqual(self.receive_to_end(self.accept(listener)), self.FRAME)
        self.assert_ends(client, 0)

    def test_the_pair_works(self):
        server = self.server("s004_2_server")
        self.assert_ends(self.client("s004_2_client", server.port, 3), 0)
        # So few bytes are never cut inside a message, however the segments fall.
        self.assert_ends(server, 1, "struct.error")
        self.assertIn(self.received(self.TEXT.decode("ascii")) * 3, server.output)


class S004_3(PeerTest):
    HEADER = b'{"lenth": 10, "md5": "781e5e245d69b566979b86e28d23f2c7", "size(MB)": 0.0}'
    PROMPT = "请输入下载文件名称:"

    def folder(self, **files):
        """A folder with these files, whose names end in .bin here."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for name, content in files.items():
            with open(os.path.join(folder.name, name + ".bin"), "wb") as file:
                file.write(content)
        return folder.name

    def content(self, folder, name):
        with open(os.path.join(folder, name), "rb") as file:
            return file.read()

    def files_server(self, **files):
        folder = self.folder(**files)
        return self.server("s004_3_server", folder, folder=folder)

    def bar(self, part, percent):
        return f"\r[{'x' * part:<30}]{percent}%"

    def saved(self, name, header):
        fields = json.loads(header)
        size, md5 = fields["size(MB)"], fields["md5"]
        return f"\n文件[{name}]下载成功: 大小:{size} MB|md5值:[{md5}]\n"

    def test_a_missing_file_is_an_empty_object_and_the_next_name_is_answered(self):
        server = self.files_server(ten=b"0123456789", 汉字=b"0123456789")
        sock = self.connect(server)
        self.assert_exchange(sock, b"missing", framed(b"{}"))
        self.assert_exchange(sock, " 汉字.bin".encode("utf-8"), framed(b"{}"))
        self.assert_exchange(sock, "汉字.bin".encode("utf-8"), framed(self.HEADER) + b"0123456789")
        self.assertEqual(self.HEADER[:2], b'{"')
        self.assertEqual(len(self.HEADER), 73)

    def test_the_size_is_in_mebibytes_with_two_decimals_at_most(self):
        for size, shown in ((0, b"0.0"), (5242, b"0.0"), (5243, b"0.01"), (1572864, b"1.5")):
            sock = self.connect(self.files_server(file=b"\n" * size))
            sock.sendall(b"file.bin")
            header = self.receive(sock, struct.unpack("<i", self.receive(sock, 4))[0])
            self.assertTrue(header.startswith(b'{"lenth": %d, "md5": "' % size), header)
            self.assertTrue(header.endswith(b'", "size(MB)": ' + shown + b"}"), header)
            self.assertEqual(self.receive(sock, size), b"\n" * size)

    def test_behind_a_file_it_serves_nobody_any_more(self):
        server = self.files_server(empty=b"", ten=b"0123456789")
        sock = self.connect(server)
        md5 = b"d41d8cd98f00b204e9800998ecf8427e"
        header = b'{"lenth": 0, "md5": "' + md5 + b'", "size(MB)": 0.0}'
        self.assert_exchange(sock, b"empty.bin", framed(header))
        other = self.connect(server)
        sock.sendall(b"ten.bin")
        other.sendall(b"ten.bin")
        server.wait_for("1000 empty reads", "errors")
        self.assert_quiet(sock)
        self.assert_quiet(other)

    def test_a_reset_in_the_middle_of_a_file_sets_it_free(self):
        server = self.files_server(big=b"\n" * (64 << 20), ten=b"0123456789")
        sock = self.connect(server)
        sock.sendall(b"big.bin")
        self.receive(sock, 1000)
        self.reset(sock)
        server.wait_for("已断开\n")
        self.assert_exchange(self.connect(server), b"ten.bin", framed(self.HEADER))

    def test_any_name_is_served(self):
        folder = self.folder(ten=b"0123456789")
        os.mkdir(os.path.join(folder, "below"))
        below = os.path.join(folder, "below")
        for name in ("../ten.bin", os.path.join(folder, "ten.bin")):
            server = self.server("s004_3_server", below, folder=below)
            answer = framed(self.HEADER) + b"0123456789"
            self.assert_exchange(self.connect(server), name.encode("utf-8"), answer)

    def test_a_folder_or_a_client_that_leaves_ends_the_server(self):
        server = self.files_server()
        self.connect(server).sendall(b".")
        self.assert_ends(server, 1, "IsADirectoryError")
        server = self.files_server()
        sock = self.connect(server)
        self.assert_exchange(sock, b"missing", framed(b"{}"))
        sock.close()
        self.assert_ends(server, 1, "IsADirectoryError")

    def test_what_is_not_in_the_working_directory_is_missed_behind_the_header(self):
        folder = self.folder(ten=b"0123456789")
        server = self.server("s004_3_server", folder, folder=self.folder())
        sock = self.connect(server)
        sock.sendall(b"ten.bin")
        self.assertEqual(self.receive_to_end(sock), framed(self.HEADER))
        self.assert_ends(server, 1, "FileNotFoundError")

    def test_two_names_that_arrive_together_are_one(self):
        sock = self.connect(self.files_server(ten=b"0123456789"))
        self.assert_exchange(sock, b"ten.binten.bin", framed(b"{}"))

    def test_the_client_keeps_a_copy_and_shows_the_md5_unchecked(self):
        listener, port = self.listener()
        folder = self.folder()
        client = self.typed("s004_3_client", port, "missing\n汉 字\n", folder)
        conn = self.accept(listener)
        self.assertEqual(self.receive(conn, 7), b"missing")
        conn.sendall(framed(b"{}"))
        self.assertEqual(self.receive(conn, 7), "汉 字".encode("utf-8"))
        conn.sendall(framed(self.HEADER) + b"abcde")
        client.wait_for(self.bar(15, 50))
        conn.sendall(b"fghij")
        self.assert_ends(client, 1, "EOFError")
        shown = self.bar(15, 50) + self.bar(30, 100) + self.saved("汉 字", self.HEADER)
        missing = f"{self.PROMPT}文件不存在\n"
        self.assertEqual(client.output, f"{missing}{self.PROMPT}{shown}{self.PROMPT}")
        self.assertEqual(self.content(folder, "cpoy_汉 字"), b"abcdefghij")

    def test_the_client_calls_an_empty_file_missing_and_has_it(self):
        listener, port = self.listener()
        folder = self.folder()
        client = self.typed("s004_3_client", port, "empty\n", folder)
        self.accept(listener).sendall(framed(b'{"lenth": 0, "md5": "", "size(MB)": 0.0}'))
        self.assert_ends(client, 1, "EOFError")
        self.assertEqual(client.output, f"{self.PROMPT}文件不存在\n{self.PROMPT}")
        self.assertEqual(self.content(folder, "cpoy_empty"), b"")

    def test_a_name_with_a_folder_ends_the_client(self):
        listener, port = self.listener()
        client = self.typed("s004_3_client", port, "../x\n", self.folder())
        self.accept(listener).sendall(framed(self.HEADER) + b"0123456789")
        self.assert_ends(client, 1, "FileNotFoundError")

    def test_half_a_length_ends_the_client(self):
        listener, port = self.listener()
        client = self.typed("s004_3_client", port, "a\n", self.folder())
        self.accept(listener).sendall(b"\x49\0")
        self.assert_ends(client, 1, "struct.error: unpack requires a buffer of 4 bytes")

    def test_a_blank_line_sends_nothing_and_waits_for_an_answer(self):
        listener, port = self.listener()
        client = self.typed("s004_3_client", port, "\nnext\n", self.folder())
        conn = self.accept(listener)
        conn.sendall(framed(b"{}"))
        client.wait_for("文件不存在\n")
        self.assertEqual(self.receive(conn, 4), b"next")

    def test_the_client_waits_for_a_server_that_refuses(self):
        listener, port = self.bound()
        client = self.typed("s004_3_client", port, "a\n", self.folder())
        client.wait_for("无法连接到服务器\n")
        listener.listen(5)
        self.assertEqual(self.receive(self.accept(listener), 1), b"a")

    def test_the_pair_works(self):
        content = random.Random(4).randbytes(300_000)
        server = self.files_server(汉字=content)
        folder = self.folder()
        client = self.typed("s004_3_client", server.port, "missing\n汉字.bin\n", folder)
        self.assert_ends(client, 1, "EOFError")
        self.assertEqual(self.content(folder, "cpoy_汉字.bin"), content)
        md5 = hashlib.md5(content).hexdigest()
        self.assertIn(f"\n文件[汉字.bin]下载成功: 大小:0.29 MB|md5值:[{md5}]\n", client.output)


class S004_4(PeerTest):
    REQUEST = bytes.fromhex("e58c97e9bcbb")
    ANSWER = "我已收到您的请求[北鼻],感谢您的关注!"

    def polite(self, text):
        return f"我已收到您的请求[{text}],感谢您的关注!".encode("utf-8")

    def test_the_answer_holds_the_request(self):
        server = self.server("s004_4_server")
        sock = self.connect(server)
        self.assertEqual(len(self.polite("北鼻")), 52)
        self.assert_exchange(sock, self.REQUEST, self.polite("北鼻"))
        self.assert_exchange(sock, b"a]", self.polite("a]"))
        self.assert_exchange(sock, b"x" * 1024, self.polite("x" * 1024))

    def test_two_requests_that_arrive_together_get_one_answer(self):
        server = self.server("s004_4_server")
        sock = self.connect(server)
        self.assert_exchange(sock, self.REQUEST * 2, self.polite("北鼻北鼻"))
        # Were there a second answer, it would come before this request's.
        self.assert_exchange(sock, b"c", self.polite("c"))

    def test_clients_are_served_side_by_side(self):
        server = self.server("s004_4_server")
        first, second = self.connect(server), self.connect(server)
        self.assert_exchange(second, b"second", self.polite("second"))
        self.assert_exchange(first, b"first", self.polite("first"))

    def test_a_character_cut_by_the_read_ends_its_connection_only(self):
        server = self.server("s004_4_server")
        other = self.connect(server)
        sock = self.connect(server)
        # 1024 is not a multiple of 3, so the first read ends inside a character.
        sock.sendall("你".encode("utf-8") * 800)
        server.wait_for("UnicodeDecodeError", "errors")
        # What was left unread makes a reset of the end, if it comes before the end was read.
        with contextlib.suppress(ConnectionResetError):
            self.assertEqual(self.receive_to_end(sock), b"")
        self.assert_exchange(other, b"a", self.polite("a"))

    def test_a_client_that_leaves_ends_its_thread_only(self):
        server = self.server("s004_4_server")
        other = self.connect(server)
        sock = self.connect(server)
        self.assert_exchange(sock, b"a", self.polite("a"))
        sock.close()
        server.wait_for("BrokenPipeError", "errors")
        self.assert_exchange(other, b"b", self.polite("b"))

    def test_a_half_closed_client_is_not_answered_for_ever(self):
        server = self.server("s004_4_server")
        sock = self.connect(server)
        self.assert_exchange(sock, b"a", self.polite("a"))
        sock.shutdown(socket.SHUT_WR)
        self.assertEqual(self.receive_to_end(sock), self.polite("") * 1000)
        server.wait_for("ConnectionAbortedError", "errors")

    def test_the_client_waits_for_each_answer_and_does_as_many_exchanges_as_asked(self):
        listener, port = self.listener()
        client = self.client("s004_4_client", port, 2, 0)
        conn = self.accept(listener)
        self.assertEqual(self.receive(conn, 6), self.REQUEST)
        self.assert_quiet(conn)
        conn.sendall("一".encode("utf-8"))
        self.assertEqual(self.receive(conn, 6), self.REQUEST)
        conn.sendall(b"two")
        self.assertEqual(self.receive_to_end(conn), b"")
        self.assert_ends(client, 0)
        self.assertEqual(client.output, "一\ntwo\n")

    def test_the_client_without_a_count_goes_on(self):
        listener, port = self.listener()
        client = self.client("s004_4_client", port)
        conn = self.accept(listener)
        for _ in range(3):
            self.assertEqual(self.receive(conn, 6), self.REQUEST)
            conn.sendall(b"answer")
        client.wait_for("answer\n", times=3)

    def test_the_client_connects_again_after_a_reset_and_gives_up_at_the_hundredth(self):
        listener, port = self.listener()
        client = self.client("s004_4_client", port, 2, 0)
        for resets in range(100):
            conn = self.accept(listener)
            self.assertEqual(self.receive(conn, 6), self.REQUEST)
            if resets == 50:
                self.assert_exchange(conn, b"answer", self.REQUEST)
            self.reset(conn)
        self.assert_ends(client, 1, "gave up after 100 resets")
        self.assertEqual(client.output, "answer\n")

    def test_after_an_orderly_end_the_client_prints_an_empty_answer_and_dies(self):
        listener, port = self.listener()
        client = self.client("s004_4_client", port, 100, 0)
        conn = self.accept(listener)
        self.assert_exchange(conn, b"answer", self.REQUEST)
        self.assertEqual(self.receive(conn, 6), self.REQUEST)
        conn.close()
        self.assert_ends(client, 1, "BrokenPipeError")
        self.assertRegex(client.output, r"\Aanswer\n\n+\Z")

    def test_the_tenth_refusal_is_the_last(self):
        _, port = self.bound()
        client = self.client("s004_4_client", port)
        self.assert_ends(client, 0)
        time_out = f"服务端连接('127.0.0.1', {port})超时\n"
        self.assertEqual(client.output, "无法连接到服务端\n" * 10 + time_out)

    def test_the_pair_works(self):
        server = self.server("s004_4_server")
        clients = [self.client("s004_4_client", server.port, 3, 0) for _ in range(3)]
        for client in clients:
            self.assert_ends(client, 0)
            self.assertEqual(client.output, f"{self.ANSWER}\n" * 3)


class S004_5(PeerTest):
    def test_length_stdout_and_stderr_come_in_this_order(self):
        server = self.server("s004_5_server")
        sock = self.connect(server)
        self.assert_exchange(sock, b"echo out; echo err 1>&2", b"\x08\0\0\0out\nerr\n")
        self.assert_exchange(sock, b"true", b"\0\0\0\0")
        numbers = b"".join(b"%d\n" % n for n in range(1, 100001))
        self.assert_exchange(sock, b"seq 1 100000", framed(numbers))

    def test_clients_are_served_side_by_side(self):
        server = self.server("s004_5_server")
        first, second = self.connect(server), self.connect(server)
        self.assert_exchange(second, b"echo second", framed(b"second\n"))
        self.assert_exchange(first, b"echo first", framed(b"first\n"))
        # The line comes before every command, so twice for each after one command.
        for sock in (first, second):
            host, port = sock.getsockname()
            server.wait_for(f"客户端<{host},{port}>已连接\n", times=2)

    def test_a_client_that_leaves_ends_its_thread_only(self):
        server = self.server("s004_5_server")
        other = self.connect(server)
        sock = self.connect(server)
        self.assert_exchange(sock, b"true", b"\0\0\0\0")
        sock.close()
        server.wait_for("BrokenPipeError", "errors")
        self.assert_exchange(other, b"echo a", framed(b"a\n"))

    def test_a_command_that_is_not_utf8_ends_its_connection_only(self):
        server = self.server("s004_5_server")
        sock = self.connect(server)
        sock.sendall(b"\xff")
        self.assertEqual(self.receive_to_end(sock), b"")
        self.assert_exchange(self.connect(server), b"echo a", framed(b"a\n"))

    def test_the_client_reads_to_the_length_and_decodes_gbk(self):
        listener, port = self.listener()
        client = self.typed("s004_5_client", port, " one \ntwo\nthree\n")
        conn = self.accept(listener)
        self.assertEqual(self.receive(conn, 3), b"one")
        conn.sendall(framed(b"x" * 2000))
        self.assertEqual(self.receive(conn, 3), b"two")
        conn.sendall(framed("汉字".encode("utf-8")))
        self.assertEqual(self.receive(conn, 5), b"three")
        conn.sendall(framed("汉".encode("utf-8")))
        self.assert_ends(client, 1, "UnicodeDecodeError")
        self.assertEqual(
            client.output, f">>>>>>>:{'x' * 2000}\n>>>>>>>:姹夊瓧\n>>>>>>>:"
        )

    def test_a_blank_line_sends_nothing_and_waits_for_an_answer(self):
        listener, port = self.listener()
        client = self.typed("s004_5_client", port, "\nnext\n")
        conn = self.accept(listener)
        conn.sendall(framed(b"unasked"))
        client.wait_for("unasked\n")
        self.assertEqual(self.receive(conn, 4), b"next")

    def test_half_a_length_ends_the_client(self):
        listener, port = self.listener()
        client = self.typed("s004_5_client", port, "a\n")
        self.accept(listener).sendall(b"\x08\0")
        self.assert_ends(client, 1, "struct.error: unpack requires a buffer of 4 bytes")

    def test_the_client_waits_for_a_server_that_refuses(self):
        listener, port = self.bound()
        client = self.typed("s004_5_client", port, "a\n")
        client.wait_for("无法连接服务端\n")
        listener.listen(5)
        self.assertEqual(self.receive(self.accept(listener), 1), b"a")

    def test_the_pair_works(self):
        server = self.server("s004_5_server")
        # The octal escapes are GBK for the two characters expected.
        commands = "echo hi\ntrue\nprintf '\\326\\320\\316\\304'\n"
        client = self.typed("s004_5_client", server.port, commands)
        self.assert_ends(client, 1, "EOFError")
        self.assertEqual(client.output, ">>>>>>>:hi\n\n>>>>>>>:\n>>>>>>>:中文\n>>>>>>>:")

    def test_it_mixes_with_s002_2(self):
        server = self.server("s004_5_server")
        client = self.typed("s002_2_client", server.port, "echo hi\nquit\n")
        client.wait_for(">>: hi\n")
        server.kill()
        self.assert_ends(client, 0)


class Files(PeerTest):
    def test_wrong_arguments_end_with_status_2(self):
        self.assert_ends(self.client("s001_1_server", 0), 2, "usage: ")
        self.assert_ends(self.client("s001_1_client", "port"), 2, "usage: ")
        self.assert_ends(self.client("s004_2_client", 1, "-1"), 2, "usage: ")
        self.assert_ends(self.client("s001_11_client", 1, 1, 1), 2, "usage: ")
        self.assert_ends(self.client("s004_3_server", 1, 1), 2, "usage: ")
        # What is the host to a client is the port to a proxy, or the first pair.
        for name in ("s000_3_proxy", "s000_3_multiport"):
            self.assert_ends(self.client(name, 0), 2, "usage: ")

    def test_every_fault_in_a_docstring_is_marked_at_its_line(self):
        files = glob.glob(os.path.join(FOLDER, "s0*.py"))
        self.assertEqual(len(files), 44)
        for path in files:
            with self.subTest(os.path.basename(path)), open(path, encoding="utf-8") as file:
                source = file.read()
                docstring, code = source.split('"""\n', 1)
                kept = docstring.partition("Kept on purpose:\n")[2].partition("\n\n")[0]
                named = set(re.findall(r"^  (B\d\d)", kept, re.MULTILINE))
                self.assertTrue(named)
                self.assertEqual(named, set(re.findall(r"# BROKEN: (B\d\d),", code)))


if __name__ == "__main__":
    # A test runner that gives up on this file must not leave servers behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    unittest.main()
