package fleet

import (
	"context"
	"net"
)

// dialer makes connections that end with its context. nats.go keeps everyone waiting, whatever their contexts say, and who
// closes it as well, while a server that has accepted a connection says nothing on it.
type dialer struct{ ctx context.Context } //nolint:containedctx // nats.CustomDialer has none

// Dial implements nats.CustomDialer.
func (d dialer) Dial(network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: connectTimeout}).DialContext(d.ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &dialed{conn, context.AfterFunc(d.ctx, func() { _ = conn.Close() })}, nil
}

// dialed is a connection that nothing is left of once it is closed. It is used by its address: nats.go compares connections.
type dialed struct {
	net.Conn
	forget func() bool
}

func (d *dialed) Close() error {
	d.forget()
	return d.Conn.Close()
}
