package fleet

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/nats-io/nats.go"
)

func TestServersThatAreNotThereAreWaitedForAndOthersAreNot(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		wait bool
	}{
		"nobody listens":            {nats.ErrNoServers, true},
		"a name that is not known":  {&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "nats1"}}, true},
		"no way there":              {&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.EHOSTUNREACH)}, true},
		"a server that stops":       {fmt.Errorf("read: %w", io.EOF), true},
		"a server that is full":     {nats.ErrMaxConnectionsExceeded, true},
		"a server that is too slow": {errAuthTimeout, true},
		"a wrong password":          {nats.ErrAuthorization, false},
		"credentials that are over": {nats.ErrAuthExpired, false},
		"no file of credentials":    {&fs.PathError{Op: "open", Path: "/no/such.creds", Err: syscall.ENOENT}, false},
		"a certificate of nobody's": {&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, false},
		"the server's TLS refuses":  {&net.OpError{Op: "remote error", Err: tls.AlertError(42)}, false},
		"no TLS there":              {nats.ErrSecureConnWanted, false},
	} {
		_, misfit := errors.AsType[misfitError](explain(test.err))
		if misfit == test.wait {
			t.Errorf("%s: %v is waited for: %t", name, test.err, !misfit)
		}
	}
}

func TestAPasswordIsNotLogged(t *testing.T) {
	if got := withoutPassword("nats://relay:se@cret@n1:4222,tls://n2"); got != "nats://n1:4222,tls://n2" {
		t.Errorf("it is %s", got)
	}
}
