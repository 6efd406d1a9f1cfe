package redisstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// checkClient panics for a client on which the store could not keep its promises.
func checkClient(client redis.UniversalClient) {
	const want = "want a *redis.Client of redis.NewClient or redis.NewFailoverClient, or a *redis.ClusterClient of redis.NewClusterClient"
	refuse := func(why string) { panic("redisstore: New: " + why + ": " + want) }
	switch c := client.(type) {
	case *redis.Client:
		if c == nil {
			refuse("the client is nil")
		}
		if c.Options().MaxRetries < 0 { // where -1 is shown as 0
			refuse("a client with MaxRetries below -1 sends no batch, and reports no error")
		}
	case *redis.ClusterClient:
		switch {
		case c == nil:
			refuse("the client is nil")
		case c.Options().ClusterSlots != nil:
			refuse("a *redis.ClusterClient that does not have its slots from the servers (ClusterSlots, or NewFailoverClusterClient) is not supported")
		case c.Options().MaxRedirects < 0:
			refuse("a client with MaxRedirects below -1 sends nothing, and reports no error")
		case c.Options().ReadOnly:
			refuse("a *redis.ClusterClient that reads from replicas (ReadOnly, RouteByLatency or RouteRandomly) is not supported, for it returns values from before a write")
		}
	default:
		refuse(fmt.Sprintf("a %T is not supported", client))
	}
}

// A client is what a store sends its commands with.
type client struct {
	redis.UniversalClient
	cluster  *redis.ClusterClient // nil if it is none
	retries  bool                 // sends reads again, to one server
	patience time.Duration        // for a pipeline in a Cluster; 0 is endless
	reloaded atomic.Int64         // when a fault last had the slots loaded again, in Unix nanoseconds
	knows    atomic.Bool          // where the slots are, for a command has been answered
}

func newClient(c redis.UniversalClient) *client {
	cluster, _ := c.(*redis.ClusterClient)
	cl := &client{UniversalClient: c, cluster: cluster}
	if single, ok := c.(*redis.Client); ok {
		cl.retries = single.Options().MaxRetries > 0
	}
	if cluster != nil {
		o := cluster.Options()
		if o.ReadTimeout > 0 && o.WriteTimeout > 0 {
			wait := cmp.Or(o.PoolTimeout, o.ReadTimeout+time.Second) // as a node has it
			cl.patience = wait + o.DialTimeout + o.WriteTimeout + o.ReadTimeout
		}
	}
	return cl
}

// lanes returns how many batches may be on their way to a server at a time.
func (c *client) lanes() int {
	connections := 0
	switch c := c.UniversalClient.(type) {
	case *redis.Client:
		connections = c.Options().PoolSize
	case *redis.ClusterClient:
		connections = c.Options().PoolSize
	}
	return max(1, min(maxLanes, connections))
}

// master returns the master of a Cluster that has the key, and nil for one server.
// It asks nobody: ok is false as long as the client does not know the slots.
func (c *client) master(key string) (node *redis.Client, ok bool) {
	if c.cluster == nil {
		return nil, true
	}
	if !c.knows.Load() {
		return nil, false
	}
	node, err := c.cluster.MasterForKey(context.Background(), key)
	return node, err == nil
}

// A question is a command that only reads. In a pipeline, and in a Cluster, it is
// not sent again but where a node says so: what go-redis sends again of a pipeline
// in a Cluster, it may send to two nodes at a time, and take the value from one and
// the error from the other.
type question struct {
	redis.Cmder
	once     bool
	answered bool // go-redis leaves the commands as they are when a server refuses the connection by a reply
}

// NoRetry implements [redis.Cmder].
func (q *question) NoRetry() bool { return q.once }

// SetErr implements [redis.Cmder]. When a pipeline breaks in the middle, go-redis
// gives its error to the commands before, too, which had their replies: those of
// one that is not sent again keep them.
func (q *question) SetErr(err error) {
	if q.once && q.answered && q.Err() == nil {
		return
	}
	q.answered = q.answered || err == nil || isAnswer(err)
	q.Cmder.SetErr(err)
}

func (q *question) err() error {
	if err := q.Err(); err != nil || q.answered {
		return err
	}
	return errNoReply
}

// errNoReply says that there is neither a reply nor an error.
var errNoReply = errors.New("no reply")

// askMany sends reads in a pipeline.
func (c *client) askMany(ctx context.Context, questions []question) error {
	return c.pipeline(ctx, func(p redis.Pipeliner) {
		for i := range questions {
			questions[i].once = c.cluster != nil
			_ = p.Process(ctx, &questions[i])
		}
	})
}

// pipeline sends cmds. In a Cluster it gives up after as long as one try may
// take: where no connection can be made, go-redis tries again and again.
func (c *client) pipeline(ctx context.Context, cmds func(redis.Pipeliner)) error {
	if c.patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.patience)
		defer cancel()
	}
	_, err := c.Pipelined(ctx, func(p redis.Pipeliner) error {
		cmds(p)
		return nil
	})
	return err
}

// ping asks the server, or every master of a Cluster.
func (c *client) ping(ctx context.Context) error {
	if c.cluster == nil {
		return c.Process(ctx, redis.NewStatusCmd(ctx, "ping"))
	}
	return eachMaster(ctx, c.cluster, func(ctx context.Context, node *redis.Client) error {
		return node.Ping(ctx).Err()
	})
}

// reloadPause is the shortest time from one reload of the slots to the next.
const reloadPause = 250 * time.Millisecond

// noticeFault has the client of a Cluster load its slots again, in the
// background, if err looks as if a master may have been replaced. go-redis does
// so by itself after a MOVED, and otherwise once a minute.
func (c *client) noticeFault(ctx context.Context, err error) {
	if c.cluster != nil && isFault(err) && c.reloads(time.Now().UnixNano()) {
		c.cluster.ReloadState(ctx)
	}
}

// reloads reports whether the slots may be loaded again now, and takes note of it.
func (c *client) reloads(now int64) bool {
	last := c.reloaded.Load()
	return now-last >= int64(reloadPause) && c.reloaded.CompareAndSwap(last, now)
}

// isFault reports whether err, of the client, looks as if a node does not serve.
func isFault(err error) bool {
	if reply, ok := replyIn(err); ok {
		return strings.HasPrefix(reply, "CLUSTERDOWN")
	}
	for _, harmless := range []error{redis.Nil, context.Canceled, redis.ErrPoolTimeout, redis.ErrPoolExhausted, redis.ErrClosed, errAbandoned, errAborted} {
		if errors.Is(err, harmless) {
			return false
		}
	}
	return true
}
