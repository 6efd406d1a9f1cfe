package suite

import "github.com/tunica-go/tunica/decorators/cache"

// policies are the ways of this module's cache to choose what has to go, the
// default first; lru says that one is meant to keep what golang-lru keeps.
var policies = []struct {
	name string
	lru  bool
	set  func(*cache.Options)
}{
	{"tunica", false, func(*cache.Options) {}},
	{"tunica LRU", true, func(o *cache.Options) { o.Policy = cache.LRU }},
}
