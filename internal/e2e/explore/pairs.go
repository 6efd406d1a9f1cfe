package explore

import (
	"slices"
	"strings"
	"time"

	"github.com/tunica-go/tunica/decorators/cache"
)

// Pairs has a scenario for each two operations on one key: a write against a
// read, and a write against a write, with a reader beside them, through the
// base and a namespace, on what is held and on what is not.
func Pairs() (all []*Scenario) {
	const key = "n:k"
	before := map[string]string{key: "0", "n:l": "0"}
	writers := func(value string) []Step {
		return []Step{
			Set(key, value),
			Set("k", value).In("n"),
			SetMany(value, "k", "l").In("n"),
			Delete(key),
			DeleteMany("k", "l").In("n"),
			DeletePrefix("", "k", "l").In("n"),
			DeletePrefix("n:", key, "n:l"),
			Swap("k", "0", value).In("n"),
			Take(key),
			Touch("k", time.Hour).In("n"),
			Theirs(key, value),
			Theirs(key, ""),
		}
	}
	readers := []Step{
		Get(key),
		Get("k").In("n"),
		GetMany("k", "l").In("n"),
		GetMany(key),
		Has(key),
		GetEntry("k").In("n"),
		GetEntries(key, "n:l"),
		Keys("n:", key, "n:l"),
	}
	tunics := []struct {
		name  string
		stack stackFunc
	}{
		{"cache", cached(cache.Options{})},
		{"negative", cached(cache.Options{NegativeTTL: time.Hour})},
		{"flight", shared},
	}
	for _, tunic := range tunics {
		add := func(held bool, faults int, steps ...[]Step) {
			s := &Scenario{Stack: tunic.stack, Before: before, Clients: steps, MaxFaults: faults}
			name := []string{"pair", tunic.name}
			for _, program := range steps[:2] {
				name = append(name, strings.ReplaceAll(program[0].name, " ", "_"))
			}
			if held {
				s.Held = []string{key, "n:l"}
				name = append(name, "held")
			}
			if faults > 0 {
				s.Faults = []Fault{Refused, Lost, Late, Panicked}
				name = append(name, "faulty")
			}
			s.Name = strings.Join(name, "/")
			if tunic.name == "flight" {
				s.unshared()
			}
			all = append(all, s)
		}
		last := Get(key).MayPause()
		for i, w := range writers("1") {
			for _, held := range []bool{false, true} {
				if held && tunic.name == "flight" {
					continue // it holds nothing
				}
				for _, r := range readers {
					add(held, 0, do(w), do(r, Get(key)), do(last))
					add(held, 1, do(w), do(r, Get(key)))
				}
				for _, other := range writers("2")[i:] {
					add(held, 0, do(w), do(other), do(last, Get("k").In("n")))
				}
			}
		}
	}
	return all
}

// unshared marks what singleflight passes on as it is: all but Get.
func (s *Scenario) unshared() {
	for i, program := range s.Clients {
		program = slices.Clone(program)
		for j := range program {
			program[j].loads = strings.HasPrefix(program[j].name, "Get ")
		}
		s.Clients[i] = program
	}
}
