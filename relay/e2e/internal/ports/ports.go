// Package ports keeps ports for programs that have to be told where to listen, or that are started there again.
package ports

import (
	"errors"
	"fmt"
	"syscall"
)

// Keep returns ports of this machine that are given to nobody else until free is called. A program that is told to may listen there all
// the same, since a port that is only bound is shared by whoever sets SO_REUSEADDR, as Go's listeners do.
func Keep(n int) (ports []int, free func() error, err error) {
	var sockets []int
	free = func() (err error) {
		for _, socket := range sockets {
			err = errors.Join(err, syscall.Close(socket))
		}
		return err
	}
	for range n {
		socket, port, err := bind()
		if err != nil {
			return nil, nil, errors.Join(fmt.Errorf("keeping a port: %w", err), free())
		}
		ports, sockets = append(ports, port), append(sockets, socket)
	}
	return ports, free, nil
}

func bind() (socket, port int, err error) {
	socket, err = syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, 0, err
	}
	err = syscall.SetsockoptInt(socket, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1)
	if err == nil {
		err = syscall.Bind(socket, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	}
	var address syscall.Sockaddr
	if err == nil {
		address, err = syscall.Getsockname(socket)
	}
	if err != nil {
		return 0, 0, errors.Join(err, syscall.Close(socket))
	}
	return socket, address.(*syscall.SockaddrInet4).Port, nil
}
