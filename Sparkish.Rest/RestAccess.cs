using System.Security.Cryptography.X509Certificates;
using Sparkish.Security;
using Sparkish.Serialization.Messages;

namespace Sparkish.Rest;

/// <summary>
/// Decides as which sender a request counts. The same table of senders as for messages then decides what it may ask for. With a secret, a token proves the
/// cluster's secret or a client key; one with a subject counts as the client key of this user. With certificates alone, the client's certificate decides.
/// On loopback without either, everybody counts as a node.
/// </summary>
/// <param name="security">The credentials of the master.</param>
/// <param name="filterKey">The key of Spark's filter; null without that filter.</param>
internal sealed class RestAccess(SecurityManager security, byte[]? filterKey)
{
    private const Senders Administrator = Senders.Driver | Senders.Node;

    /// <summary>Whether requests need a token.</summary>
    public bool NeedsToken => filterKey is not null || security.HasSecret;

    /// <summary>Whether a connection needs a client certificate.</summary>
    public bool NeedsCertificate => security.Tls is { ChecksCertificates: true, NeedsClientCertificate: true };

    /// <summary>Returns the caller that a request has proven to be; null without a proof.</summary>
    /// <param name="authorization">Its header <c>Authorization</c>.</param>
    /// <param name="certificate">The certificate of the connection, which TLS has verified.</param>
    public async Task<RestCaller?> FindCallerAsync(string? authorization, X509Certificate2? certificate)
    {
        if (NeedsCertificate && certificate is null) return null;
        var granted = certificate is null ? Administrator : GrantedBy(certificate);
        if (!NeedsToken) return new RestCaller(granted, Realm: null);
        if (RestTokens.InHeader(authorization) is not { } token) return null;
        return await FindCallerAsync(token).ConfigureAwait(false) is { } proven ? proven with { Senders = proven.Senders & granted } : null;
    }

    private async Task<RestCaller?> FindCallerAsync(string token)
    {
        if (filterKey is not null && await RestTokens.ValidateAsync(token, filterKey, mustExpire: false).ConfigureAwait(false) is { } own)
            return own.User is null ? new RestCaller(Administrator, Realm: null) : OfUser(own.User);
        if (!security.HasSecret) return null;

        // Read for each request: the secret may change while the master runs. Two are valid meanwhile.
        var usual = security.Usual;
        foreach (var secret in usual.Secrets)
        {
            if (usual.Realm != Realms.Cluster) continue;
            if (await ValidateAsync(token, secret).ConfigureAwait(false) is { } claims)
                return claims.User is null ? new RestCaller(Administrator, Realm: null) : OfUser(claims.User);
            if (await ValidateAsync(token, secret.ToClientSecret(Realms.Client)).ConfigureAwait(false) is not null)
                return new RestCaller(Senders.Driver, Realms.Client); // its holder may write any user into it
            if (RestTokens.ClaimedUser(token) is { } user
                && await ValidateAsync(token, secret.ToClientSecret(Realms.OfUser(user))).ConfigureAwait(false) is not null) return OfUser(user);
        }

        return null;
    }

    private static RestCaller OfUser(string user) => new(Senders.Driver, Realms.OfUser(user));

    private static Task<RestClaims?> ValidateAsync(string token, SharedSecret secret) => RestTokens.ValidateAsync(token, secret.ToTokenKey(), mustExpire: true);

    private static Senders GrantedBy(X509Certificate2 certificate)
    {
        var roles = CertificateRoles.Of(certificate);
        if (roles.Count == 0 || roles.Contains(ClusterRoles.Master) || roles.Contains(ClusterRoles.Worker)) return Administrator;
        return roles.Contains(ClusterRoles.Driver) ? Senders.Driver : Senders.None;
    }
}
