using Microsoft.Extensions.Logging;

namespace Sparkish.Security;

/// <summary>
/// The configured secret of a node. A secret in a file may be changed while the node runs. The file is reread after each write, so that its second line admits
/// peers that know only the old secret. If it cannot be read, the previous secret stays in use. Thread-safe.
/// </summary>
internal sealed class SecretSource
{
    private readonly Lock _lock = new();
    private readonly Func<string>? _read;
    private readonly string _source;
    private readonly string? _file;
    private readonly ILogger _log;
    private volatile Credential _current;
    private (DateTime Written, long Length) _stamp;

    /// <param name="source">The location of the secret, for errors.</param>
    /// <param name="text">The text of the secret.</param>
    /// <param name="log">Logs changes, and the reason for a rejected one.</param>
    /// <param name="file">The file; null for a secret that cannot change.</param>
    /// <param name="read">Reads the file.</param>
    public SecretSource(string source, string text, ILogger log, string? file = null, Func<string>? read = null)
    {
        (_source, _log, _file, _read) = (source, log, file is null ? null : Path.GetFullPath(file), read);
        _current = SecretText.Parse(source, text);
        _stamp = Stamp();
    }

    /// <summary>The realm that this node proves, and its secrets at this moment.</summary>
    public Credential Current
    {
        get
        {
            if (_file is null) return _current;
            lock (_lock)
            {
                var stamp = Stamp();
                if (stamp != _stamp) Reload(stamp);
            }

            return _current;
        }
    }

    private void Reload((DateTime Written, long Length) stamp)
    {
        _stamp = stamp;
        try
        {
            var found = SecretText.Parse(_source, _read!());
            if (found.Realm != _current.Realm)
                throw new SparkException($"{_source} changed from one realm to another: restart the node to apply it.");
            _current = found;
            _log.SecretChanged(_source, found.Secrets.Count);
        }
        catch (SparkException error)
        {
            _log.SecretNotChanged(_source, error.Message);
        }
    }

    private (DateTime Written, long Length) Stamp()
    {
        if (_file is null) return default;
        var info = new FileInfo(_file);
        return info.Exists ? (info.LastWriteTimeUtc, info.Length) : default;
    }
}
