#pragma warning disable MA0048 // a caller and the claims of its token belong together
using Sparkish.Security;
using Sparkish.Serialization.Messages;

namespace Sparkish.Rest;

/// <summary>The rights that a request has proven.</summary>
/// <param name="Senders">The senders that it counts as.</param>
/// <param name="Realm">The realm of the client key whose drivers it is limited to; null for no such limit.</param>
internal sealed record RestCaller(Senders Senders, string? Realm)
{
    /// <summary>The user, for logs; null if it is not known.</summary>
    public string? User => Realm is null ? null : Realms.UserOf(Realm);
}

/// <summary>The claims of a valid token.</summary>
/// <param name="User">Its subject; null if it has none.</param>
internal sealed record RestClaims(string? User);
