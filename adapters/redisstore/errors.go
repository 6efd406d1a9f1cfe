package redisstore

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/storage"
)

// replies says what an error reply of the server means, by how it begins; the
// first that fits counts. Of the reply no more is shown than the words here or
// else its first, for servers repeat arguments in their errors. It is an answer
// to the command: what was asked for did not happen.
var replies = []struct {
	begin string
	means error
	hint  string // in our words
}{
	{"WRONGTYPE", storage.ErrCorrupt, "the key holds another type than a string"},
	{"READONLY", storage.ErrReadOnly, ""},
	{"NOAUTH", storage.ErrUnauthorized, ""},
	{"WRONGPASS", storage.ErrUnauthorized, ""},
	{"NOPERM", storage.ErrUnauthorized, ""},
	{"DENIED", storage.ErrUnauthorized, "the server is in protected mode"},
	{"ERR ACL failure in script", storage.ErrUnauthorized, "the user may not run a command of a script"},
	{"ERR The user executing the script", storage.ErrUnauthorized, "the user may not run a command of a script"},
	{"ERR invalid password", storage.ErrUnauthorized, "invalid password"},
	{"ERR Client sent AUTH, but no password is set", storage.ErrUnauthorized, "a password was sent, but the server has none"},
	{"ERR AUTH ", storage.ErrUnauthorized, "a password was sent, but the server has none"},
	{"OOM", storage.ErrOverloaded, ""},
	{"ERR max number of clients", storage.ErrOverloaded, "max number of clients reached"},
	{"MOVED", storage.ErrUnavailable, "the server belongs to a Cluster"},
	{"ERR This instance has cluster support disabled", storage.ErrUnavailable, "the server does not belong to a Cluster"},
	{"ERR unknown command", storage.ErrUnavailable, "unknown command; Redis 6.2 or newer is needed"},
	{"ERR DB index is out of range", storage.ErrUnavailable, "DB index is out of range"},
	{"ERR invalid DB index", storage.ErrUnavailable, "invalid DB index"},
	// LOADING, MASTERDOWN, CLUSTERDOWN, TRYAGAIN, BUSY, NOREPLICAS, MISCONF,
	// and whatever a server may come to say.
	{"", storage.ErrUnavailable, ""},
}

// fail makes one of our errors of err, which the client returned. It names no
// key and no value. f is of what was being written, nil for a read.
func (l *link) fail(ctx context.Context, op fmt.Stringer, err error, f *fate) error {
	if err == redis.Nil {
		return storage.ErrNotFound
	}
	unknown := f != nil && f.unknown()
	text, means := l.meaning(err)
	if cause := endOf(ctx); cause != nil && !isAnswer(err) {
		return ended(op, cause, unknown)
	}
	if unknown {
		return fmt.Errorf("redisstore: %s: %w: %w: %s", op, storage.ErrUnknownOutcome, means, text)
	}
	return fmt.Errorf("redisstore: %s: %w: %s", op, means, text)
}

// explain returns what a server says that hung up before it was asked anything.
func (l *link) explain(ctx context.Context, err error, f *fate) error {
	if f != nil && f.unknown() {
		return err
	}
	return l.greeter.explain(ctx, l.client, err)
}

// ended is the error of a call whose context ended.
func ended(op fmt.Stringer, cause error, unknown bool) error {
	if unknown {
		return fmt.Errorf("redisstore: %s: %w: %w", op, storage.ErrUnknownOutcome, cause)
	}
	return fmt.Errorf("redisstore: %s: %w", op, cause)
}

// endOf returns ctx.Err(), or what it would be if ctx kept its deadline, which
// is also the connection's.
func endOf(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return nil
}

// meaning returns what of an error of the client to show, and which of ours it is.
func (l *link) meaning(err error) (shown string, means error) {
	if bySentinels(err) {
		return ofSentinels(err)
	}
	if reply, ok := replyIn(err); ok {
		return l.meaningOf(reply)
	}
	switch {
	case errors.Is(err, redis.ErrPoolTimeout), errors.Is(err, redis.ErrPoolExhausted):
		means = storage.ErrOverloaded
	case errors.Is(err, redis.ErrClosed), errors.Is(err, net.ErrClosed) && l.isClosed():
		means = storage.ErrClosed
	case refusesCertificate(err):
		means = storage.ErrUnauthorized
	default:
		means = storage.ErrUnavailable
	}
	return describe(err), means
}

// refusesCertificate reports whether err is the alert of a server that does not
// like the client's certificate, or wants one.
func refusesCertificate(err error) bool {
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "remote error" {
		return false
	}
	alert := op.Err.Error()
	return strings.Contains(alert, "certificate") || strings.Contains(alert, "access denied")
}

// meaningOf is meaning for an error reply of a server.
func (l *link) meaningOf(reply string) (shown string, means error) {
	shown, means = meaningOf(reply)
	if code := codeOf(reply); l.client.cluster != nil && (code == "MOVED" || code == "ASK") {
		return code + ": to a node that cannot be reached, or more often than MaxRedirects allows", means
	}
	return shown, means
}

func meaningOf(reply string) (shown string, means error) {
	for _, r := range replies {
		if !strings.HasPrefix(reply, r.begin) {
			continue
		}
		code := codeOf(reply)
		if r.hint == "" {
			return code, r.means
		}
		return code + ": " + r.hint, r.means
	}
	panic("redisstore: the last row fits every reply")
}

// bySentinels reports whether err says that no Sentinel told where the master
// is. It wraps what each of them said or met.
func bySentinels(err error) bool {
	return strings.HasPrefix(err.Error(), "redis: all sentinels specified in configuration are unreachable")
}

func ofSentinels(err error) (shown string, means error) {
	reply, ok := replyIn(err)
	switch {
	case strings.HasPrefix(reply, "ERR unknown command"):
		return "a server that was asked for the master is no Sentinel", storage.ErrUnavailable
	case ok:
		shown, means = meaningOf(reply)
		return "a Sentinel says " + shown, means
	case errors.Is(err, redis.Nil):
		return "the Sentinels know no master of this name", storage.ErrUnavailable
	}
	return "no Sentinel can be reached: " + describe(err), storage.ErrUnavailable
}

// codeOf returns the first word of an error reply if it is a code, such as
// MISCONF.
func codeOf(reply string) string {
	word, _, _ := strings.Cut(reply, " ")
	if !isCode(word) {
		return "an error without a code"
	}
	return word
}

func isCode(word string) bool {
	for i := range len(word) {
		c := word[i]
		upper, inner := c >= 'A' && c <= 'Z', c == '_' || c >= '0' && c <= '9'
		if !upper && (i == 0 || !inner) {
			return false
		}
	}
	return word != "" && len(word) <= 32
}

// describe returns the text of an error that is known to hold no data, and the
// type of any other.
func describe(err error) string {
	var (
		op    *net.OpError
		dns   *net.DNSError
		errno syscall.Errno
		cert  *tls.CertificateVerificationError
		alert tls.AlertError
		plain tls.RecordHeaderError
		netEr net.Error
	)
	switch {
	case errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error"): // an alert of TLS
		return op.Op + ": " + op.Err.Error()
	case errors.As(err, &op):
		text := op.Op + " " + op.Net
		if op.Addr != nil {
			text += " " + op.Addr.String()
		}
		return text + ": " + describe(op.Err)
	case errors.As(err, &dns):
		return "lookup " + dns.Name + ": " + dns.Err
	case errors.As(err, &errno):
		return errno.Error()
	case errors.As(err, &cert):
		return certificate(cert.Err)
	case errors.As(err, &alert):
		return alert.Error()
	case errors.As(err, &plain):
		return "tls: " + plain.Msg
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &netEr) && netEr.Timeout():
		return "i/o timeout"
	case errors.Is(err, net.ErrClosed):
		return net.ErrClosed.Error()
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return "i/o timeout"
	}
	for _, known := range []error{
		redis.ErrPoolTimeout, redis.ErrPoolExhausted, redis.ErrClosed,
		errReply, errNoReply, errNoNodes, errUnsettled, errRestless, errSentTwice,
	} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	switch err.Error() { // which go-redis does not export
	case "redis: cluster has no nodes":
		return errNoNodes.Error()
	case "redis: no sentinels configured":
		return "there are no addresses of Sentinels"
	}
	return fmt.Sprintf("an error of type %T", err)
}

func certificate(err error) string {
	var (
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
	)
	switch {
	case errors.As(err, &authority):
		return "tls: certificate signed by unknown authority"
	case errors.As(err, &host):
		return "tls: certificate is not valid for " + host.Host
	case errors.As(err, &invalid):
		return "tls: " + invalid.Error()
	}
	return "tls: failed to verify certificate"
}

// A step is what an error says was being done where no operation of package
// storage was.
type step string

func (s step) String() string { return string(s) }
