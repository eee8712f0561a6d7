namespace Sparkish.Security;

/// <summary>
/// Realms: groups of nodes that share one secret. A handshake proves one realm: that of the cluster (<see cref="Cluster"/>), that of its users
/// (<see cref="Client"/>), that of one of them (<see cref="OfUser"/>), that of one application (<see cref="OfApplication"/>), or none without any secret.
/// </summary>
internal static class Realms
{
    /// <summary>Nothing is proven by a secret.</summary>
    public const string None = "";

    /// <summary>Masters and workers, and all other nodes with the cluster's own secret.</summary>
    public const string Cluster = "cluster";

    /// <summary>Users that run applications without knowing the cluster's secret.</summary>
    public const string Client = "client";

    /// <summary>The longest name of a realm.</summary>
    public const int MaxChars = 200;

    private const string ApplicationPrefix = "app:";
    private const string UserPrefix = Client + ":";
    private const int MaxUserChars = 64;

    /// <summary>One user, with a client key that no other user has.</summary>
    public static string OfUser(string user) => UserPrefix + user;

    /// <summary>The user of a realm; null for the realm of all users, and for others.</summary>
    public static string? UserOf(string realm) => realm.StartsWith(UserPrefix, StringComparison.Ordinal) ? realm[UserPrefix.Length..] : null;

    /// <summary>Whether a name can be that of a user in a realm: ASCII letters, digits, dots, hyphens and underscores.</summary>
    public static bool IsUser(string name) =>
        name.Length is > 0 and <= MaxUserChars && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    /// <summary>Whether a realm is that of all users, or of one.</summary>
    public static bool IsClient(string realm) =>
        realm is Client || (realm.StartsWith(UserPrefix, StringComparison.Ordinal) && IsUser(realm[UserPrefix.Length..]));

    /// <summary>The driver and the executors of one application.</summary>
    public static string OfApplication(string applicationId) => ApplicationPrefix + applicationId;

    /// <summary>Whether a realm is that of an application.</summary>
    public static bool IsApplication(string realm) => realm.StartsWith(ApplicationPrefix, StringComparison.Ordinal);

    /// <summary>Whether the nodes of a realm are those of the whole cluster, or of an env without secrets.</summary>
    public static bool IsOfNodes(string realm) => realm is None or Cluster;

    /// <summary>Returns the reason why a peer of a realm may not have the roles that it claims, without a full stop; null if it may.</summary>
    /// <param name="realm">The realm that the peer proved.</param>
    /// <param name="roles">The roles that it claims.</param>
    /// <param name="connects">Whether the peer is the side that connects.</param>
    public static string? Refusal(string realm, IReadOnlyList<string> roles, bool connects)
    {
        if (IsOfNodes(realm)) return null;
        var claimed = roles.Where(ClusterRoles.IsOne).ToArray();
        var allowed = (IsApplication(realm), connects) switch
        {
            (true, true) => ClusterRoles.OfApplication,
            (true, false) => ClusterRoles.OfApplicationsListeners,
            (false, true) => ClusterRoles.OfClients,
            (false, false) => ClusterRoles.OfMasters,
        };
        if (claimed is [var one] && allowed.Contains(one, StringComparer.Ordinal)) return null;
        var said = claimed.Length == 0 ? "none of the cluster's roles" : $"the role {string.Join(", ", claimed)}";
        var proof = IsApplication(realm) ? "the secret of an application" : "a client key";
        return $"it claims {said}, but {proof} proves only {string.Join(" or ", allowed)}";
    }
}
