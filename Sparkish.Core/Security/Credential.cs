namespace Sparkish.Security;

/// <summary>What one side of a handshake proves: a realm, by its secrets. There are two while the secret is changed, the newer one first.</summary>
internal sealed record Credential(string Realm, IReadOnlyList<SharedSecret> Secrets)
{
    /// <summary>Of nodes that prove nothing by a secret.</summary>
    public static Credential None { get; } = new(Realms.None, []);

    /// <summary>Whether something is proven.</summary>
    public bool Proves => Secrets.Count > 0;

    /// <summary>Never the secrets.</summary>
    public override string ToString() => Realm.Length == 0 ? "none" : Realm;
}
