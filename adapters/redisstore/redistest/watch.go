package redistest

import (
	"errors"
	"fmt"
	"strconv"
)

// unsettled returns an error when the sentinels that run do not agree, or
// something is amiss: a master that does not run, a replica that runs and does
// not follow it, a sentinel that runs and is not seen by the others.
func (s *Sentinel) unsettled() error {
	master, err := s.agreed()
	if err != nil {
		return err
	}
	for _, d := range s.data {
		if d != master && d.p.up() {
			if err := follows(d, master); err != nil {
				return err
			}
		}
	}
	for _, w := range s.sentinels {
		if !w.p.up() {
			continue
		}
		// That a sentinel has seen the replica follow matters: one that has not
		// yet would undo its promotion.
		follows := func(m map[string]string) bool {
			return m["flags"] == "slave" && m["role-reported"] == "slave" &&
				m["master-link-status"] == "ok" && m["master-port"] == strconv.Itoa(master.p.port)
		}
		if err := s.sees(w, "SLAVES", s.data, master, follows); err != nil {
			return err
		}
		known := func(m map[string]string) bool { return m["flags"] == "sentinel" }
		if err := s.sees(w, "SENTINELS", s.sentinels, w, known); err != nil {
			return err
		}
	}
	return nil
}

// agreed returns the master that all sentinels that run agree on, if it runs
// and knows that it is the master.
func (s *Sentinel) agreed() (*Server, error) {
	addr := ""
	for _, w := range s.sentinels {
		if !w.p.up() {
			continue
		}
		reply, err := w.p.do("SENTINEL", "MASTER", masterName)
		if err != nil {
			return nil, err
		}
		m := fields(reply)
		switch {
		case addr == "":
			addr = m["ip"] + ":" + m["port"]
		case addr != m["ip"]+":"+m["port"]:
			return nil, errors.New("the sentinels do not agree on the master")
		}
		if m["flags"] != "master" || m["role-reported"] != "master" {
			return nil, fmt.Errorf("sentinel %s sees the master as %s", w.Addr(), m["flags"])
		}
	}
	if addr == "" {
		return nil, errors.New("no sentinel is running")
	}
	for _, d := range s.data {
		if d.Addr() == addr && d.p.up() {
			info, err := d.p.do("INFO", "replication")
			if err != nil {
				return nil, err
			}
			if section(info)["role"] != "master" {
				return nil, fmt.Errorf("%s does not know that it is the master", addr)
			}
			return d, nil
		}
	}
	return nil, fmt.Errorf("the master at %s is not running", addr)
}

// follows returns an error when replica is no replica of master, or not in sync.
func follows(replica, master *Server) error {
	reply, err := replica.p.do("INFO", "replication")
	if err != nil {
		return err
	}
	info := section(reply)
	if info["role"] != "slave" || info["master_port"] != strconv.Itoa(master.p.port) ||
		info["master_link_status"] != "up" || info["master_sync_in_progress"] != "0" {
		return fmt.Errorf("%s is not in sync with the master at %s", replica.Addr(), master.Addr())
	}
	return nil
}

// sees returns an error when what sentinel w knows of a server that runs, but for
// itself or the master, is not right.
func (s *Sentinel) sees(w *Server, what string, servers []*Server, except *Server, right func(map[string]string) bool) error {
	reply, err := w.p.do("SENTINEL", what, masterName)
	if err != nil {
		return err
	}
	known := make(map[string]map[string]string)
	list, _ := reply.([]any)
	for _, item := range list {
		m := fields(item)
		known[m["ip"]+":"+m["port"]] = m
	}
	for _, o := range servers {
		if o != except && o.p.up() && !right(known[o.Addr()]) {
			return fmt.Errorf("sentinel %s sees %s as %q", w.Addr(), o.Addr(), known[o.Addr()]["flags"])
		}
	}
	return nil
}
