package namespace_test

import (
	"context"
	"fmt"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/storage"
)

func ExampleNew() {
	ctx := context.Background()
	shared := memstore.New[string]()
	sessions := namespace.New(shared, "sessions")
	limits := namespace.New(shared, "limits")

	_ = sessions.Set(ctx, "alice", "logged in", storage.NoExpiry)
	_ = limits.Set(ctx, "alice", "10 a minute", storage.NoExpiry)

	fmt.Println(sessions.Get(ctx, "alice"))
	fmt.Println(limits.Get(ctx, "alice"))
	fmt.Println(shared.Get(ctx, "sessions:alice"))

	_ = storage.DeletePrefix(ctx, sessions, "") // all sessions, and nothing else
	fmt.Println(storage.Has(ctx, sessions, "alice"))
	fmt.Println(storage.Has(ctx, limits, "alice"))

	// Output:
	// logged in <nil>
	// 10 a minute <nil>
	// logged in <nil>
	// false <nil>
	// true <nil>
}

func ExampleDynamic() {
	ctx := context.Background()
	shared := memstore.New[string]()

	// Ids come from outside; whatever they hold, they do not meet.
	for _, tenant := range []string{"acme", "acme:eu"} {
		s := namespace.Dynamic(shared, "tenants", tenant)
		_ = s.Set(ctx, "plan", "of "+tenant, storage.NoExpiry)
	}

	fmt.Println(namespace.Dynamic(shared, "tenants", "acme").Get(ctx, "plan"))
	fmt.Println(namespace.Dynamic(shared, "tenants", "acme").Get(ctx, "eu:plan"))
	fmt.Println(shared.Get(ctx, "tenants:acme%3Aeu:plan"))

	// Output:
	// of acme <nil>
	//  storage: not found
	// of acme:eu <nil>
}
