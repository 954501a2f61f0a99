package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// pushBare is the first argument that makes this program the least that broadcasts: the websocket library, and one prepared
// message that as many goroutines as there are processors write to every connection.
const pushBare = "push-bare"

// broadcaster holds connections; a GET of /v1/stream opens one, a POST sends its body to all.
type broadcaster struct {
	upgrader websocket.Upgrader
	mu       sync.Mutex
	conns    []*websocket.Conn
}

func runBroadcaster(stdout io.Writer) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintln(stdout, listener.Addr())
	b := &broadcaster{upgrader: websocket.Upgrader{ReadBufferSize: 512, WriteBufferSize: 512, WriteBufferPool: new(sync.Pool)}}
	return http.Serve(listener, b) //nolint:gosec // measured for seconds
}

func (b *broadcaster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		body, _ := io.ReadAll(r.Body)
		if message, err := websocket.NewPreparedMessage(websocket.BinaryMessage, body); err == nil {
			b.broadcast(message)
		}
		return
	}
	conn, err := b.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	_, _, _ = conn.ReadMessage() // the hello
	_ = conn.WriteMessage(websocket.BinaryMessage, []byte("welcome"))
	b.mu.Lock()
	b.conns = append(b.conns, conn)
	b.mu.Unlock()
	go func() {
		for {
			if _, _, err := conn.NextReader(); err != nil {
				return
			}
		}
	}()
}

func (b *broadcaster) broadcast(message *websocket.PreparedMessage) {
	b.mu.Lock()
	conns := b.conns
	b.mu.Unlock()
	var writing sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for worker := range workers {
		writing.Go(func() {
			for i := worker; i < len(conns); i += workers {
				_ = conns[i].SetWriteDeadline(time.Now().Add(30 * time.Second))
				_ = conns[i].WritePreparedMessage(message)
			}
		})
	}
	writing.Wait()
}
