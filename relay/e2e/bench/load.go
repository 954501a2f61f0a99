package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// loadConnections is how many keep-alive connections post at the same time.
const loadConnections = 64

// load posts bodies that are all different. It writes requests into sockets as they are: a client of net/http would
// take more of the machine than the servers it measures.
type load struct {
	request []byte // the template
	marks   []int  // where in it numbers stand, two of each thing that must differ
	number  *atomic.Int64
	answer  func(*bufio.Reader) error // reads an answer; an error is any other than the one that is wanted
}

// mark stands where a number belongs.
const mark = "000000000000"

// newLoad makes a load of batches of so many impressions of the demo's experiment, as the official SDK writes them, each of
// a visitor of its own. The numbers come from number, so that no two loads on it send the same event.
func newLoad(events int, number *atomic.Int64) *load {
	const visitor = `{"visitor_id":"visitor-` + mark + `","attributes":[],"snapshots":[{"decisions":[{"campaign_id":"20415622503",` +
		`"experiment_id":"20417730841","variation_id":"20402531206","metadata":{"flag_key":"","rule_key":"item-sort",` +
		`"rule_type":"experiment","variation_key":"price","enabled":true}}],"events":[{"entity_id":"20415622503",` +
		`"timestamp":1790000000000,"key":"campaign_activated","uuid":"6fa459ea-ee8a-4ca4-894e-` + mark + `"}]}]}`
	body := `{"account_id":"12198292375","project_id":"20410805626","revision":"1","client_name":"javascript-sdk","client_version":"6.6.1",` +
		`"anonymize_ip":true,"enrich_decisions":true,"visitors":[` + visitor + strings.Repeat(","+visitor, events-1) + `]}`
	return newTemplate("/v1/events", "", body, number, readNoContent)
}

// newTemplate makes a load of a body that has marks in pairs, with further header lines.
func newTemplate(path, header, body string, number *atomic.Int64, answer func(*bufio.Reader) error) *load {
	l := &load{number: number, answer: answer, request: fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\n"+
		"%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, header, len(body), body)}
	for at := 0; ; {
		i := bytes.Index(l.request[at:], []byte(mark))
		if i < 0 {
			return l
		}
		l.marks = append(l.marks, at+i)
		at += i + len(mark)
	}
}

// run posts for so long, or until ctx ends, and returns how many posts a second were answered as they should be.
func (l *load) run(ctx context.Context, address string, length time.Duration) (postsPerSecond float64, err error) {
	ctx, stop := context.WithTimeout(ctx, length)
	defer stop()
	var posts atomic.Int64
	var connections sync.WaitGroup
	errs := make([]error, loadConnections)
	began := time.Now()
	for i := range errs {
		connections.Go(func() { errs[i] = l.connection(ctx, address, &posts) })
	}
	connections.Wait()
	return float64(posts.Load()) / time.Since(began).Seconds(), errors.Join(errs...)
}

func (l *load) connection(ctx context.Context, address string, posts *atomic.Int64) error {
	conn, err := new(net.Dialer).DialContext(context.WithoutCancel(ctx), "tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	request := bytes.Clone(l.request)
	for ctx.Err() == nil {
		for i := 0; i < len(l.marks); i += 2 {
			n := l.number.Add(1)
			l.put(request, l.marks[i], n)
			l.put(request, l.marks[i+1], n)
		}
		if _, err := conn.Write(request); err != nil {
			return err
		}
		if err := l.answer(answers); err != nil {
			return err
		}
		posts.Add(1)
	}
	return nil
}

func (*load) put(request []byte, at int, number int64) {
	for i := at + len(mark) - 1; i >= at; i-- {
		request[i] = byte('0' + number%10)
		number /= 10
	}
}

// readNoContent reads an answer 204, which has no body.
func readNoContent(r *bufio.Reader) error {
	_, err := readHead(r, "204")
	return err
}

// readOK reads an answer 200 with its body.
func readOK(r *bufio.Reader) error {
	length, err := readHead(r, "200")
	if err == nil {
		_, err = r.Discard(length)
	}
	return err
}

// readHead reads an answer up to its body, and returns the length of that.
func readHead(r *bufio.Reader, wanted string) (length int, err error) {
	status, err := r.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if !bytes.HasPrefix(status, []byte("HTTP/1.1 "+wanted+" ")) {
		rest, _ := io.ReadAll(io.LimitReader(r, int64(r.Buffered())))
		return 0, fmt.Errorf("a post was answered %s%s", status, rest)
	}
	for {
		line, err := r.ReadSlice('\n')
		if err != nil || len(line) <= 2 {
			return length, err
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, err
			}
		}
	}
}
