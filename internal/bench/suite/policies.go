package suite

import "github.com/tunica-go/tunica/decorators/cache"

// policies are the ways of this module's cache to choose what has to go, the
// default first. One more is one line here, such as
//
//	{"tunica LRU", func(o *cache.Options) { o.Policy = cache.LRU }},
var policies = []struct {
	name string
	set  func(*cache.Options)
}{
	{"tunica", func(*cache.Options) {}},
}
