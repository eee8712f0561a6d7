using Microsoft.Extensions.Logging;

namespace Sparkish.Security;

/// <summary>Log events of authentication and encryption.</summary>
internal static partial class SecurityLog
{
    [LoggerMessage(1201, LogLevel.Warning, "{Key} names {File}, which other users of this machine can read: revoke their access, for example with chmod 600")]
    public static partial void FileReadableByOthers(this ILogger log, string key, string file);

    [LoggerMessage(1202, LogLevel.Warning, "Ignored the secret of {Source}: spark.authenticate is false")]
    public static partial void SecretNotUsed(this ILogger log, string source);

    [LoggerMessage(1203, LogLevel.Information, "The secret of {Source} was changed while this node is running; {Count} secrets are accepted now")]
    public static partial void SecretChanged(this ILogger log, string source, int count);

    [LoggerMessage(1204, LogLevel.Warning, "The secret of {Source} was changed, but the previous one stays in use: {Reason}")]
    public static partial void SecretNotChanged(this ILogger log, string source, string reason);

    [LoggerMessage(1205, LogLevel.Warning,
        "{Key} names {File}, but its certificate is valid only from {From:u} to {To:u}: other nodes will refuse this node until it has a valid one")]
    public static partial void CertificateOutsideItsDates(this ILogger log, string key, string file, DateTimeOffset from, DateTimeOffset to);
}
