using System.Security.Cryptography;

namespace Sparkish.Rpc.Files;

/// <summary>
/// Fetches one file to a place of this node: beside its name first, resumed where it broke off as long as it is the same version, and given its name
/// when its hash was compared. What is left undone is removed, and other users of the machine have no right to it. One use.
/// </summary>
/// <param name="url">The file, for errors.</param>
/// <param name="peer">How the peer is reached.</param>
/// <param name="options">How stubbornly.</param>
internal sealed class FileFetch(FileUrl url, FilePeer peer, FetchOptions options)
{
    private const int BufferBytes = 256 << 10;

    private long _done;

    /// <summary>Fetches the file.</summary>
    /// <param name="destination">Its full name here; a file of this name is replaced.</param>
    /// <param name="sha256">What its content must hash to; null if anything will do that the peer serves.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SparkException">It is not there, changed meanwhile, is not what was expected, or cannot be written here.</exception>
    public async Task RunAsync(string destination, string? sha256, CancellationToken cancellationToken)
    {
        var version = await TryAgainAsync(ReadVersion, cancellationToken).ConfigureAwait(false);
        if (sha256 is not null && !string.Equals(version.Hash, sha256, StringComparison.OrdinalIgnoreCase))
            throw new SparkException($"{Name} has the SHA-256 {version.Hash}, but {sha256} is expected: it is another build, or was tampered with.");
        var aside = $"{destination}.{Guid.NewGuid():N}.part";
        try
        {
            using (var file = Write(destination, () => PrivateFiles.CreateNew(aside, bufferSize: 0)))
            using (var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
            {
                await TryAgainAsync(() => Copy(version, destination, file, hash, cancellationToken), cancellationToken).ConfigureAwait(false);
                if (Convert.ToHexStringLower(hash.GetHashAndReset()) != version.Hash)
                    throw new SparkException(
                        $"{Name} arrived with another SHA-256 than {version.Hash}: it was written to while it was served. Fetch it again.");
            }

            Write(destination, () => File.Move(aside, destination, overwrite: true));
        }
        finally
        {
            if (File.Exists(aside)) File.Delete(aside);
        }
    }

    private string Name => $"spark://{url.Authority}/{url.Path}";

    private FileVersion ReadVersion()
    {
        using var stream = peer.Open(url.Path + FileRequest.VersionQuery);
        using var bytes = new MemoryStream();
        var buffer = new byte[256];
        while (bytes.Length < buffer.Length && stream.Read(buffer) is > 0 and var read) bytes.Write(buffer, 0, read);
        return FileVersion.TryParse(bytes.GetBuffer().AsSpan(0, (int)bytes.Length))
            ?? throw new SparkException($"The peer told no version of {Name}: it serves no files.");
    }

    private bool Copy(FileVersion version, string destination, FileStream file, IncrementalHash hash, CancellationToken cancellationToken)
    {
        using var stream = peer.Open(url.Path + FileRequest.Rest(_done, version.Tag));
        using var giveUp = cancellationToken.UnsafeRegister(static stream => ((Stream)stream!).Dispose(), stream); // ends a read that waits
        if (stream.Length != version.Length - _done)
            throw new SparkException($"The peer sends {stream.Length} bytes of {Name} from {_done} on, but it has {version.Length}.");
        var buffer = new byte[BufferBytes];
        while (_done < version.Length)
        {
            var read = stream.Read(buffer);
            if (read == 0) throw new EndOfStreamException($"{Name} broke off after {_done} of {version.Length} bytes.");
            Write(destination, () => file.Write(buffer, 0, read));
            hash.AppendData(buffer, 0, read);
            _done += read;
        }

        return true;
    }

    private async Task<T> TryAgainAsync<T>(Func<T> step, CancellationToken cancellationToken)
    {
        for (var retries = 0; ; retries++)
        {
            var before = _done;
            try
            {
                return await peer.RunBlockingAsync(step).ConfigureAwait(false);
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException(cancellationToken);
            }
            catch (Exception error) when (peer.IsTransient(error))
            {
                if (_done > before) retries = 0;
                if (retries >= options.MaxRetries)
                    throw new SparkException($"{Name} could not be fetched in {retries + 1} tries (spark.files.io.maxRetries): {error.Message}", error);
            }

            await Task.Delay(options.Pause(peer.Random.NextDouble()), peer.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Write(string destination, Action step) => Write(destination, () =>
    {
        step();
        return true;
    });

    /// <summary>Does a step that writes here; its errors are no reason to try again.</summary>
    private T Write<T>(string destination, Func<T> step)
    {
        try
        {
            return step();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SparkException($"{Name} cannot be written to '{destination}': {error.Message} Make room there or name another place.", error);
        }
    }
}
