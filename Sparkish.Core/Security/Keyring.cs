using System.Collections.Immutable;

namespace Sparkish.Security;

/// <summary>
/// The secrets of one env besides that of its settings, by realm: those of applications are added and removed while it runs. It decides which secret the env
/// proves to a peer, and which peers it accepts. Created before the env and shared with the owner of the secrets. Thread-safe.
/// </summary>
internal sealed class Keyring
{
    private readonly Lock _lock = new();
    private ImmutableDictionary<string, Credential> _applications = ImmutableDictionary.Create<string, Credential>(StringComparer.Ordinal);
    private ImmutableHashSet<string> _masters = ImmutableHashSet.Create<string>(StringComparer.Ordinal);
    private readonly TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Credential? _own;
    private volatile Credential? _automatic;

    /// <summary>Whether peers that prove the client key are accepted, as by a master.</summary>
    public bool AdmitsClients { get; init; }

    /// <summary>Whether only peers of this keyring's applications are accepted, as by drivers and executors: cluster nodes have no reason to connect.</summary>
    public bool AdmitsApplicationsOnly { get; init; }

    /// <summary>Whether connections are encrypted without certificates, because those of the rest of the cluster are.</summary>
    public bool Encrypts { get; init; }

    /// <summary>The application of the env itself; null if it belongs to none.</summary>
    public Credential? Own => _own;

    /// <summary>A secret that was generated for this process instead of configured; null without one.</summary>
    public Credential? Automatic => _automatic;

    /// <summary>Sets a generated secret of the cluster; it is used if the settings give none, and then without encryption.</summary>
    public void UseAutomatic(ReadOnlySpan<byte> secret) => _automatic = new Credential(Realms.Cluster, [new SharedSecret(secret)]);

    /// <summary>Accepts peers of an application from now on.</summary>
    public void AddApplication(string applicationId, ReadOnlySpan<byte> secret)
    {
        var credential = CredentialOf(applicationId, secret);
        lock (_lock) _applications = _applications.SetItem(credential.Realm, credential);
    }

    /// <summary>Accepts no more peers of an application; open connections stay.</summary>
    public void RemoveApplication(string applicationId)
    {
        lock (_lock) _applications = _applications.Remove(Realms.OfApplication(applicationId));
    }

    /// <summary>Reserves addresses for the masters of the cluster: a peer that proves an application's secret cannot claim them.</summary>
    /// <param name="masters">The addresses, as <c>host:port</c>.</param>
    public void AddMasters(IEnumerable<string> masters)
    {
        lock (_lock) _masters = _masters.Union(masters);
    }

    /// <summary>Whether an address, as <c>host:port</c>, is that of a master.</summary>
    public bool IsMaster(string address) => Volatile.Read(ref _masters).Contains(address);

    /// <summary>Makes the env a member of an application: it accepts its peers, and proves its secret to all dialled peers but the masters.</summary>
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
    /// Completes when the accepted peers are known. A driver receives its application's secret from the master, and an executor may connect a moment earlier.
    /// </summary>
    public Task WhenReadyAsync(CancellationToken cancellationToken) =>
        AdmitsApplicationsOnly ? _joined.Task.WaitAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>Finds the secret of an application's realm.</summary>
    public Credential? Find(string realm) => Volatile.Read(ref _applications).GetValueOrDefault(realm);

    /// <summary>Returns the credential for a dialled peer; null for the env's usual secret.</summary>
    /// <param name="peer">The address, as <c>host:port</c>.</param>
    public Credential? ForPeer(string peer) => IsMaster(peer) ? null : _own;

    private static Credential CredentialOf(string applicationId, ReadOnlySpan<byte> secret) =>
        new(Realms.OfApplication(applicationId), [new SharedSecret(secret)]);
}
