using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Sparkish.Security;

namespace Sparkish.Rest;

/// <summary>
/// Signed tokens (JWS, HMAC) for requests over HTTP. Their keys are derived from the cluster's secret or from the client key, so no key ever crosses the wire.
/// A token has an end: a stolen one is of no use later.
/// </summary>
internal static class RestTokens
{
    private const string AuthorizationScheme = "Bearer ";
    private const int MinKeyBytes = 32; // as the library of Spark's filter requires

    private static readonly JsonWebTokenHandler Handler = new();

    /// <summary>Issues a token that proves the credential of a user or an administrator.</summary>
    /// <param name="secret">The secret or client key that signs it.</param>
    /// <param name="now">The time from which it is valid.</param>
    /// <param name="life">How long it is valid.</param>
    /// <param name="user">The user whose drivers it is limited to; null for no such limit.</param>
    public static string Issue(SharedSecret secret, DateTimeOffset now, TimeSpan life, string? user = null) => Handler.CreateToken(new SecurityTokenDescriptor
    {
        Claims = user is null ? null : new Dictionary<string, object>(StringComparer.Ordinal) { [JwtRegisteredClaimNames.Sub] = user },
        SigningCredentials = new SigningCredentials(KeyOf(secret.ToTokenKey()), SecurityAlgorithms.HmacSha256),
        IssuedAt = now.UtcDateTime,
        NotBefore = now.UtcDateTime,
        Expires = (now + life).UtcDateTime,
    });

    /// <summary>The token of an <c>Authorization</c> header; null if it has none.</summary>
    public static string? InHeader(string? header) =>
        header?.StartsWith(AuthorizationScheme, StringComparison.OrdinalIgnoreCase) is true ? header[AuthorizationScheme.Length..].Trim() : null;

    /// <summary>The user that a token names, which nothing proves yet; null for none.</summary>
    public static string? ClaimedUser(string token) =>
        Handler.CanReadToken(token) && TryRead(token) is { Subject: { Length: > 0 } user } && Realms.IsUser(user) ? user : null;

    /// <summary>Returns the claims of a token that is signed with a key and valid now; null for any other.</summary>
    /// <param name="token">The token.</param>
    /// <param name="key">The key.</param>
    /// <param name="mustExpire">Whether a token without an end is refused. Spark's own filter takes it.</param>
    public static async Task<RestClaims?> ValidateAsync(string token, byte[] key, bool mustExpire)
    {
        var result = await Handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            IssuerSigningKey = KeyOf(key),
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256, SecurityAlgorithms.HmacSha384, SecurityAlgorithms.HmacSha512],
            RequireSignedTokens = true,
            RequireExpirationTime = mustExpire,
            ValidateLifetime = true,
            ValidateIssuer = false,
            ValidateAudience = false,
        }).ConfigureAwait(false);
        if (!result.IsValid || result.SecurityToken is not JsonWebToken valid) return null;
        if (valid.Subject is not { Length: > 0 } user) return new RestClaims(User: null);
        return Realms.IsUser(user) ? new RestClaims(user) : null;
    }

    /// <summary>Parses the key of Spark's filter.</summary>
    /// <exception cref="SparkException">It is not base64url of enough bytes.</exception>
    public static byte[] ParseKey(string source, string text)
    {
        try
        {
            if (Base64UrlEncoder.DecodeBytes(text.Trim()) is { Length: >= MinKeyBytes } key) return key;
        }
        catch (FormatException)
        {
            // The text is not repeated.
        }

        throw new SparkException($"The key from {source} must be base64url of at least {MinKeyBytes} bytes: use the output of 'openssl rand -base64 32 | tr +/ -_'.");
    }

    private static JsonWebToken? TryRead(string token)
    {
        try
        {
            return Handler.ReadJsonWebToken(token);
        }
        catch (ArgumentException)
        {
            return null; // no token at all
        }
    }

    private static SymmetricSecurityKey KeyOf(byte[] key) => new(key) { CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } };
}
