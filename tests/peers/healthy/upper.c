/* A healthy server: sends messages back in upper case, with a big-endian length of 4 bytes in front (`>I`).
 * It serves one client after the other.
 *
 *     cc upper.c -o upper && ./upper PORT
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The longest message that is taken, in bytes. */
#define LIMIT (16u << 20)

/* Receives so many bytes, with as many calls as it takes; 0 if the stream ends before the last of them. */
static int receive(int client, char *data, size_t size) {
    for (size_t got = 0; got < size;) {
        ssize_t piece = recv(client, data + got, size - got, 0);
        if (piece < 0 && errno == EINTR)
            continue;
        if (piece <= 0)
            return 0;
        got += (size_t)piece;
    }
    return 1;
}

/* Sends all of these bytes: one call may take only the first of them. */
static int send_all(int client, const char *data, size_t size) {
    for (size_t sent = 0; sent < size;) {
        ssize_t piece = send(client, data + sent, size - sent, 0);
        if (piece < 0 && errno == EINTR)
            continue;
        if (piece < 0)
            return 0;
        sent += (size_t)piece;
    }
    return 1;
}

static void converse(int client) {
    uint32_t length;
    while (receive(client, (char *)&length, 4)) {
        uint32_t size = ntohl(length);
        char *message = size <= LIMIT ? malloc(4 + size) : NULL;
        if (!message)
            return;
        memcpy(message, &length, 4);
        int is_whole = receive(client, message + 4, size);
        for (uint32_t at = 4; is_whole && at < 4 + size; at++)
            if ('a' <= message[at] && message[at] <= 'z')
                message[at] -= 'a' - 'A';
        is_whole = is_whole && send_all(client, message, 4 + size);
        free(message);
        if (!is_whole)
            return;
    }
}

int main(int count, char **arguments) {
    int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    address.sin_port = htons((uint16_t)atoi(count > 1 ? arguments[1] : "7000"));
    /* A client that has gone is an error of send, and no end of this program. */
    signal(SIGPIPE, SIG_IGN);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 128) < 0) {
        perror("cannot listen");
        return 1;
    }
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (client < 0)
            continue;
        converse(client);
        close(client);
    }
}
