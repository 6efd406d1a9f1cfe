package load_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	connections = 32
	keys        = 4000 // of each plugin; the cache holds 256 of all together
)

// mix is what is asked for, and how often of a thousand times.
var mix = []struct {
	operation string
	often     int
}{
	{"sessions-get", 250},
	{"sessions-set", 60},
	{"sessions-touch", 30},
	{"sessions-delete", 20},
	{"sessions-many", 40},
	{"pages-load", 150},
	{"pages-slow", 30},
	{"pages-many", 40},
	{"pages-store", 10},
	{"pages-delete", 20},
	{"pages-endless", 50},
	{"counts-add", 50},
	{"counts-create", 40},
	{"counts-get", 50},
	{"tokens-issue", 30},
	{"tokens-take", 28},
	{"tokens-keys", 1},
	{"tokens-clear", 1},
	{"quotas-get", 40},
	{"quotas-set", 20},
	{"tenants-get", 30},
	{"tenants-set", 10},
}

// drive asks the host until the deadline, over all connections, and returns when
// every request has ended and no connection is left, with those failures that are
// not expected.
func (h *host) drive(deadline time.Time) error {
	transport := &http.Transport{MaxIdleConnsPerHost: connections}
	client := &http.Client{Transport: transport, Timeout: patience}
	var workers sync.WaitGroup
	failures := make([]error, connections)
	for i := range connections {
		workers.Go(func() {
			popular := rand.NewZipf(rand.New(rand.NewPCG(rand.Uint64(), 0)), 1.1, 10, keys-1)
			for failures[i] == nil && time.Now().Before(deadline) {
				failures[i] = h.request(client, draw(), fmt.Sprintf("%04d", popular.Uint64()))
			}
		})
	}
	workers.Wait()
	transport.CloseIdleConnections()
	return errors.Join(failures...)
}

// draw draws an operation from the mix.
func draw() string {
	n := rand.IntN(1000)
	for _, m := range mix {
		if n -= m.often; n < 0 {
			return m.operation
		}
	}
	panic("the mix is less than a thousand")
}

// request has the host do something. Of a hundred requests five have a deadline in
// the host, and two are left by the client, so soon that many are not done by then.
func (h *host) request(client *http.Client, operation, key string) error {
	ctx, within, leaves := context.Background(), "", false
	soon := rand.N(2 * time.Millisecond)
	switch n := rand.IntN(100); {
	case n < 5:
		within = soon.String()
	case n < 7:
		leaves = true
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, soon)
		defer cancel()
	}
	path := h.url + "/do/" + operation + "/" + key + "?within=" + url.QueryEscape(within)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, path, http.NoBody)
	if err != nil {
		return err
	}
	status, body, err := answer(client, request)
	switch {
	case leaves && errors.Is(err, context.DeadlineExceeded): // ctx may end after its deadline
		return nil
	case err != nil:
		return err
	case status == http.StatusOK, status == http.StatusNotFound, status == http.StatusConflict:
		return nil
	case status == http.StatusGatewayTimeout && within != "":
		return nil
	}
	return fmt.Errorf("%s: %d: %s", operation, status, body)
}

func answer(client *http.Client, request *http.Request) (status int, body []byte, err error) {
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err = io.ReadAll(response.Body)
	return response.StatusCode, body, err
}
