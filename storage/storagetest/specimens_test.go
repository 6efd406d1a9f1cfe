package storagetest

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/tunica-go/tunica/storage"
)

var printTable = flag.Bool("laws", false, "print which specimen was caught by which case")

type bytesOf = []byte

// A specimen is a store or a decorator that is broken in one way. Each is
// caught, first of all by the case that names what is broken. They embed what
// they break, which no real decorator may do, to stay short.
type specimen struct {
	law  string // the first case that it breaks
	name string
	run  func(*testing.T) finding
}

// A table is the cases of one function of the suite, with their specimens.
type table struct {
	test      string
	cases     []string
	specimens []specimen
}

func tables() []table {
	stores := table{test: "TestStore", cases: paths(laws[bytesOf]())}
	for _, s := range storeSpecimens {
		stores.add(s.law, s.name, func(t *testing.T) finding { return findInStore(t, s.open, brief(s.opts)) })
	}
	outages := table{test: "TestOutage", cases: paths(outageLaws[bytesOf]())}
	for _, s := range outageSpecimens {
		open := openFaulty(func(next storage.ByteStore) storage.ByteStore { return s.wrap(Minimal(next)) })
		outages.add(s.law, s.name, func(t *testing.T) finding {
			return findInOutage(t, func() (storage.ByteStore, Outage) { return open(t) }, brief(Options{}))
		})
	}
	decorators := table{test: "TestDecorator", cases: paths(decoratorLaws[bytesOf, bytesOf](nil))}
	for _, s := range decoratorSpecimens {
		decorators.add(s.law, s.name, func(t *testing.T) finding { return findInDecorator(t, s.wrap, brief(s.opts)) })
	}
	return []table{stores, outages, decorators}
}

func (t *table) add(law, name string, run func(*testing.T) finding) {
	t.specimens = append(t.specimens, specimen{law, name, run})
}

// brief returns opts for a specimen, which may hang.
func brief(opts Options) Options {
	opts.Bubble, opts.patience = true, time.Second
	return opts
}

func paths[V any](laws []law[V]) (all []string) {
	for _, l := range laws {
		all = append(all, l.path())
	}
	return all
}

// TestSpecimens runs every case on every specimen. With -laws it prints what
// it found.
func TestSpecimens(t *testing.T) {
	var lines []string
	caught := 0
	for _, table := range tables() {
		lines = append(lines, "", table.test+"\tspecimen\tfirst caught by")
		slices.SortStableFunc(table.specimens, func(a, b specimen) int {
			return slices.Index(table.cases, a.law) - slices.Index(table.cases, b.law)
		})
		for _, s := range table.specimens {
			t.Run(table.test+"/"+s.name, func(t *testing.T) {
				by := s.check(t)
				if by == s.law {
					caught++
				}
				lines = append(lines, fmt.Sprintf("%s\t%s\t%s", s.law, s.name, by))
			})
		}
	}
	if !*printTable {
		return
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, strings.Join(lines[1:], "\n"))
	w.Flush()
	total := 0
	for _, table := range tables() {
		total += len(table.specimens)
	}
	fmt.Printf("\n%d specimens, %d caught by the case that names each\n", total, caught)
}

// check runs s and returns the first case that it broke, which must be its
// own, and explain itself.
func (s specimen) check(t *testing.T) (first string) {
	broken := s.run(t)
	if broken.law == "" {
		t.Errorf("nothing found, want %s", s.law)
		return "nothing"
	}
	t.Logf("%s: %s", broken.law, broken.messages[0])
	if broken.law != s.law {
		t.Errorf("the first broken case is %s, want %s", broken.law, s.law)
	}
	if !strings.Contains(strings.Join(broken.messages, "\n"), "broken: law ") {
		t.Errorf("%s does not explain itself: %s", broken.law, broken.messages[0])
	}
	return broken.law
}

// A case that no specimen breaks may be one that nothing can break.
func TestEveryCaseHasASpecimen(t *testing.T) {
	for _, table := range tables() {
		for _, path := range table.cases {
			if !slices.ContainsFunc(table.specimens, func(s specimen) bool { return s.law == path }) {
				t.Errorf("%s: no specimen breaks %s first", table.test, path)
			}
		}
		for i, s := range table.specimens {
			if !slices.Contains(table.cases, s.law) {
				t.Errorf("%s: the specimen %q breaks %s, which does not exist", table.test, s.name, s.law)
			}
			if slices.ContainsFunc(table.specimens[:i], func(o specimen) bool { return o.name == s.name }) {
				t.Errorf("%s: two specimens are called %q", table.test, s.name)
			}
		}
	}
}
