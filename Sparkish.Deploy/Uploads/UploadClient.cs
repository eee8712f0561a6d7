using System.Security.Cryptography;
using Sparkish.Rpc;

namespace Sparkish.Deploy.Uploads;

/// <summary>Sends packages to masters, and fetches them from masters, part by part.</summary>
internal static class UploadClient
{
    /// <summary>Sends a package to one master.</summary>
    /// <exception cref="SparkException">The master cannot be reached, or refuses it; the message gives the reason.</exception>
    public static async Task SendAsync(RpcEnv env, RpcAddress master, string archive, string hash, CancellationToken cancellationToken)
    {
        var server = await env.SetupEndpointRefAsync(Server(master), cancellationToken).ConfigureAwait(false);
        var file = new FileStream(archive, FileMode.Open, FileAccess.Read, FileShare.Read);
        await using var closed = file.ConfigureAwait(false);
        for (long sent = 0; sent < file.Length;)
        {
            file.Position = sent;
            var data = new byte[Math.Min(UploadRules.MaxPart, file.Length - sent)];
            await file.ReadExactlyAsync(data, cancellationToken).ConfigureAwait(false);
            var part = new UploadPart(hash, file.Length, sent, data);
            var reply = await server.AskAsync<UploadReply>(part, cancellationToken: cancellationToken).ConfigureAwait(false);
            if (UploadRules.ProblemOf(reply) is { } problem) throw new SparkException($"Master {master} sent an invalid reply: {problem}.");
            if (reply.Refusal is { } reason) throw new SparkException($"Master {master} refused the application's package: {reason}.");
            if (reply.Received <= sent) throw new SparkException($"Master {master} sent an invalid reply: Received is {reply.Received} after {sent}.");
            sent = reply.Received;
        }
    }

    /// <summary>Fetches a package from the first master that has it, and checks its hash.</summary>
    /// <exception cref="SparkException">No master has it; the message gives the reason of each.</exception>
    public static async Task FetchAsync(RpcEnv env, IReadOnlyList<RpcAddress> masters, string hash, string archive, CancellationToken cancellationToken)
    {
        var reasons = new List<string>();
        foreach (var master in masters)
        {
            try
            {
                await FetchAsync(env, master, hash, archive, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (SparkException error)
            {
                reasons.Add($"{master}: {error.Message.TrimEnd('.')}");
            }
        }

        throw new SparkException($"The application's package could not be fetched ({string.Join("; ", reasons)}): submit the driver again.");
    }

    private static async Task FetchAsync(RpcEnv env, RpcAddress master, string hash, string archive, CancellationToken cancellationToken)
    {
        var server = await env.SetupEndpointRefAsync(Server(master), cancellationToken).ConfigureAwait(false);
        var part = $"{archive}.part";
        var file = PrivateFiles.Replace(part);
        await using (file.ConfigureAwait(false))
        {
            using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            for (long? length = null; length is null || file.Position < length;)
            {
                var request = new FetchPart(hash, file.Position);
                var fetched = await server.AskAsync<FetchedPart>(request, cancellationToken: cancellationToken).ConfigureAwait(false);
                var problem = UploadRules.ProblemOf(fetched) ?? (fetched.Data.Length == 0 ? "Data is empty" : null)
                    ?? (length is null || fetched.Length == length ? null : "Length has changed");
                if (problem is not null) throw new SparkException($"it sent an invalid part: {problem}");
                length = fetched.Length;
                digest.AppendData(fetched.Data);
                await file.WriteAsync(fetched.Data, cancellationToken).ConfigureAwait(false);
            }

            if (Convert.ToHexStringLower(digest.GetHashAndReset()) != hash) throw new SparkException("its package does not have the hash of the submitted one");
        }

        File.Move(part, archive, overwrite: true);
    }

    private static RpcEndpointAddress Server(RpcAddress master) => new(master, UploadServer.EndpointName);
}
