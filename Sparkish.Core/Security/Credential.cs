namespace Sparkish.Security;

/// <summary>The credential of one side of a handshake: a realm and its secrets. There are two during a secret change, the newer one first.</summary>
internal sealed record Credential(string Realm, IReadOnlyList<SharedSecret> Secrets)
{
    /// <summary>The credential of nodes without a secret.</summary>
    public static Credential None { get; } = new(Realms.None, []);

    /// <summary>Whether something is proven.</summary>
    public bool Proves => Secrets.Count > 0;

    /// <summary>Never the secrets.</summary>
    public override string ToString() => Realm.Length == 0 ? "none" : Realm;
}
