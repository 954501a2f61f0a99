package ports_test

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"testing"

	"sortition/relay/e2e/internal/ports"
)

// giveOnly has the kernel choose a port of which there is one, and returns why it has none to give.
func giveOnly(t *testing.T, port int) (refusal error) {
	t.Helper()
	const ipLocalPortRange = 51 // since Linux 6.3
	var missing error
	config := net.ListenConfig{Control: func(_, _ string, socket syscall.RawConn) error {
		return socket.Control(func(fd uintptr) {
			missing = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, ipLocalPortRange, port|port<<16)
		})
	}}
	listener, err := config.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if missing != nil {
		t.Skipf("this kernel gives any port: %v", missing)
	}
	if err == nil {
		err = listener.Close()
	}
	return err
}

func TestAPortThatIsKeptIsGivenToNobodyElseAndListenedOnAgainAndAgain(t *testing.T) {
	kept, free, err := ports.Keep(1)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := giveOnly(t, kept[0]); !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("somebody else is given it: %v", err)
		}
		listener, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", kept[0]))
		if err != nil {
			t.Fatal(err)
		}
		if err := listener.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := errors.Join(free(), giveOnly(t, kept[0])); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
