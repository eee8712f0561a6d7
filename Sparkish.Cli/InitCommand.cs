using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sparkish.Security;
using Sparkish.Validation;

namespace Sparkish.Cli;

/// <summary>
/// <c>sparkish init DIR</c>: creates the secret of a cluster, the client key, and an authority with a certificate for each node. In a directory that has them
/// already, it adds certificates of further nodes.
/// </summary>
internal static class InitCommand
{
    private const int DefaultDays = 825;
    private const int MaxDays = 3650;
    private const int SecretBytes = 32;
    private const string DefaultTarget = "/etc/sparkish";

    public static Command Create()
    {
        var directory = new Argument<string>("DIR") { Description = "Directory of this machine for the files." };
        var hosts = new Option<string[]>("--host", "-h")
        {
            Description = "A node, by the address or name under which others reach it; may be repeated. Without any, there are no certificates.",
            HelpName = "HOST",
        };
        var target = new Option<string>("--target")
        {
            Description = "Directory of the nodes for their files.",
            HelpName = "DIR",
            DefaultValueFactory = static _ => DefaultTarget,
        };
        var days = SharedOptions.WholeNumber("--days", "-d", 1, MaxDays, $"Number of days for which certificates are valid; {DefaultDays} unless given.", "DAYS");
        days.DefaultValueFactory = static _ => DefaultDays;
        var command = new Command("init", "Creates the secret and the certificates of a cluster, with the settings of each node.") { directory, hosts, target, days };
        command.SetAction(parsed => Run(
            Path.GetFullPath(parsed.GetRequiredValue(directory)), [.. (parsed.GetValue(hosts) ?? []).Distinct(StringComparer.OrdinalIgnoreCase)],
            parsed.GetRequiredValue(target), TimeSpan.FromDays(parsed.GetValue(days))));
        return command;
    }

    private static int Run(string directory, string[] hosts, string target, TimeSpan life)
    {
        foreach (var host in hosts) ThrowIfInvalid(host);
        if (Array.Find(hosts, host => Directory.Exists(Path.Combine(directory, host))) is { } known)
            throw new SparkException($"'{Path.Combine(directory, known)}' exists: remove it to issue another certificate for {known}.");
        PrivateFiles.ClaimDirectory(directory);
        var secret = PathOf("secret");
        if (!File.Exists(secret)) PrivateFiles.WriteAllText(secret, Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes)) + "\n");
        var text = File.ReadAllText(secret).Trim().Split('\n')[0].Trim();
        if (!File.Exists(PathOf("client-key"))) PrivateFiles.WriteAllText(PathOf("client-key"), new SharedSecret(Encoding.UTF8.GetBytes(text)).ToClientKey() + "\n");

        if (hosts.Length > 0)
        {
            using var authority = ClusterAuthority.LoadOrCreate(PathOf("ca.pem"), PathOf("ca.key"), TimeProvider.System);
            foreach (var host in hosts) WriteNode(authority, host, life, target, PathOf(host), text);
        }

        Console.Write(Describe(directory, hosts, target));
        return CliErrors.Success;

        string PathOf(string name) => Path.Combine(directory, name);
    }

    private static void WriteNode(ClusterAuthority authority, string host, TimeSpan life, string target, string directory, string secret)
    {
        var (certificate, key) = authority.Issue(host, life);
        PrivateFiles.CreateDirectory(directory);
        PrivateFiles.WriteAllText(Path.Combine(directory, "node.pem"), certificate);
        PrivateFiles.WriteAllText(Path.Combine(directory, "node.key"), key);
        PrivateFiles.WriteAllText(Path.Combine(directory, "ca.pem"), authority.CertificatePem);
        PrivateFiles.WriteAllText(Path.Combine(directory, "secret"), secret + "\n");
        PrivateFiles.WriteAllText(Path.Combine(directory, "spark.conf"), string.Create(CultureInfo.InvariantCulture, $"""
            # Settings of the node {host}, for --properties-file of sparkish.
            spark.authenticate.secret.file {Escape(target)}/secret
            spark.ssl.rpc.enabled true
            spark.ssl.rpc.certChain {Escape(target)}/node.pem
            spark.ssl.rpc.privateKey {Escape(target)}/node.key
            spark.ssl.rpc.trustStore {Escape(target)}/ca.pem

            """));
    }

    private static string Describe(string directory, string[] hosts, string target)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Path.Combine(directory, "secret")}: the secret of the cluster, for masters and workers\n");
        text.Append(CultureInfo.InvariantCulture, $"{Path.Combine(directory, "client-key")}: the key of users, who run applications\n");
        foreach (var host in hosts) text.Append(CultureInfo.InvariantCulture, $"{Path.Combine(directory, host)}/: copy its files to {target} on {host}\n");
        if (hosts.Length > 0) text.Append(CultureInfo.InvariantCulture, $"{Path.Combine(directory, "ca.key")}: the key of the authority; keep it off the nodes\n");
        return text.ToString();
    }

    // A backslash begins an escape in a properties file.
    private static string Escape(string path) => path.TrimEnd('/').Replace("\\", "\\\\", StringComparison.Ordinal);

    private static void ThrowIfInvalid(string host)
    {
        if (Uri.CheckHostName(host) is UriHostNameType.Unknown or UriHostNameType.Basic || Problem.OfText(host, Problem.MaxName) is not null)
            throw new UsageException($"--host is '{host}' but must be an address or a name of a machine, such as 10.0.0.1 or worker1.example.org.");
    }
}
