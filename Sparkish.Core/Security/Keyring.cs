using System.Collections.Immutable;

namespace Sparkish.Security;

/// <summary>
/// The secrets that one env has beside the one of its settings, by realm: those of applications come and go while it runs. It says what the env proves to
/// whom, and whom it takes. Made before the env and shared with what owns the secrets. Safe for all threads.
/// </summary>
internal sealed class Keyring
{
    private readonly Lock _lock = new();
    private ImmutableDictionary<string, Credential> _applications = ImmutableDictionary.Create<string, Credential>(StringComparer.Ordinal);
    private ImmutableHashSet<string> _masters = ImmutableHashSet.Create<string>(StringComparer.Ordinal);
    private readonly TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Credential? _own;
    private volatile Credential? _automatic;

    /// <summary>Whether peers that prove the client key are taken, as a master does.</summary>
    public bool AdmitsClients { get; init; }

    /// <summary>Whether peers are taken only for applications of this keyring, as drivers and executors do: the cluster has no business there.</summary>
    public bool AdmitsApplicationsOnly { get; init; }

    /// <summary>Whether connections are encrypted without certificates, because those of the rest of the cluster are.</summary>
    public bool Encrypts { get; init; }

    /// <summary>The application that the env itself belongs to; null while it belongs to none.</summary>
    public Credential? Own => _own;

    /// <summary>A secret that was generated for this process instead of configured; null without one.</summary>
    public Credential? Automatic => _automatic;

    /// <summary>Gives the cluster a secret that nobody configured; it is used where the settings give none, and then without encryption.</summary>
    public void UseAutomatic(ReadOnlySpan<byte> secret) => _automatic = new Credential(Realms.Cluster, [new SharedSecret(secret)]);

    /// <summary>Takes peers of an application from now on.</summary>
    public void AddApplication(string applicationId, ReadOnlySpan<byte> secret)
    {
        var credential = CredentialOf(applicationId, secret);
        lock (_lock) _applications = _applications.SetItem(credential.Realm, credential);
    }

    /// <summary>Takes no more peers of an application; connections that stand stay.</summary>
    public void RemoveApplication(string applicationId)
    {
        lock (_lock) _applications = _applications.Remove(Realms.OfApplication(applicationId));
    }

    /// <summary>Keeps addresses for the masters of the cluster: no peer that proves an application's secret is taken for one of them.</summary>
    /// <param name="masters">The addresses, as <c>host:port</c>.</param>
    public void AddMasters(IEnumerable<string> masters)
    {
        lock (_lock) _masters = _masters.Union(masters);
    }

    /// <summary>Whether an address, as <c>host:port</c>, is that of a master.</summary>
    public bool IsMaster(string address) => Volatile.Read(ref _masters).Contains(address);

    /// <summary>The env belongs to an application from now on: it takes its peers, and proves its secret to all that it dials but the masters.</summary>
    /// <param name="applicationId">The application.</param>
    /// <param name="secret">Its secret.</param>
    /// <param name="masters">The addresses, as <c>host:port</c>, to which the cluster's secret or the client key is proven.</param>
    public void Join(string applicationId, ReadOnlySpan<byte> secret, IEnumerable<string> masters)
    {
        AddApplication(applicationId, secret);
        AddMasters(masters);
        _own = CredentialOf(applicationId, secret);
        _joined.TrySetResult();
    }

    /// <summary>
    /// Completes when it is known whom the env takes. A driver hears of its application's secret from the master, and an executor may connect a moment earlier.
    /// </summary>
    public Task WhenReadyAsync(CancellationToken cancellationToken) =>
        AdmitsApplicationsOnly ? _joined.Task.WaitAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>Finds the secret of an application's realm.</summary>
    public Credential? Find(string realm) => Volatile.Read(ref _applications).GetValueOrDefault(realm);

    /// <summary>What is proven to a peer that is dialled; null where the env's usual secret is.</summary>
    /// <param name="peer">The address, as <c>host:port</c>.</param>
    public Credential? ForPeer(string peer) => IsMaster(peer) ? null : _own;

    private static Credential CredentialOf(string applicationId, ReadOnlySpan<byte> secret) =>
        new(Realms.OfApplication(applicationId), [new SharedSecret(secret)]);
}
