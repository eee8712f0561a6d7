using System.Globalization;
using Microsoft.Extensions.Configuration;
using Sparkish.Rpc;
using Sparkish.Serialization.Messages;

namespace Sparkish.Hosting;

/// <summary>
/// The options of an env from the application's configuration: <c>Sparkish:Host</c>, <c>Port</c>, <c>PortMaxRetries</c>, <c>AdvertisedHost</c>,
/// <c>AdvertisedPort</c>, <c>Listen</c> and <c>Roles</c>. All other values of the section are settings (<c>Sparkish:rpc:askTimeout</c> is
/// <c>spark.rpc.askTimeout</c>). Top-level keys that begin with <c>spark.</c> are settings too, and take precedence.
/// </summary>
internal static class HostConfiguration
{
    private const string Prefix = "spark.";

    private static readonly string[] OptionNames = ["Host", "Port", "PortMaxRetries", "AdvertisedHost", "AdvertisedPort", "Listen", "Roles"];

    public static RpcEnvOptions Read(string envName, IConfiguration? configuration, string sectionName, MessageRegistry messages)
    {
        var options = new RpcEnvOptions(envName, Settings(configuration, sectionName), messages);
        if (configuration?.GetSection(sectionName) is not { } section) return options;
        return options with
        {
            BindHost = Text(section, "Host") ?? options.BindHost,
            Port = Number(section, "Port", 0, 65535) ?? options.Port,
            PortMaxRetries = Number(section, "PortMaxRetries", 0, 65535) ?? options.PortMaxRetries,
            AdvertisedHost = Text(section, "AdvertisedHost"),
            AdvertisedPort = Number(section, "AdvertisedPort", 1, 65535),
            Listen = Flag(section, "Listen") ?? options.Listen,
            Roles = [.. section.GetSection("Roles").GetChildren().Select(role => role.Value).OfType<string>()],
        };
    }

    private static SparkConf Settings(IConfiguration? configuration, string sectionName)
    {
        var conf = new SparkConf();
        if (configuration is null) return conf;
        foreach (var (key, value) in configuration.GetSection(sectionName).AsEnumerable(makePathsRelative: true))
        {
            if (value is null || key.Length == 0 || OptionNames.Contains(key.Split(':')[0], StringComparer.OrdinalIgnoreCase)) continue;
            var name = key.Replace(':', '.');
            conf.Set(name.StartsWith(Prefix, StringComparison.Ordinal) ? name : Prefix + name, value);
        }

        foreach (var child in configuration.GetChildren())
        {
            if (child.Value is { } value && child.Key.StartsWith(Prefix, StringComparison.Ordinal)) conf.Set(child.Key, value);
        }

        return conf;
    }

    private static string? Text(IConfigurationSection section, string name) => section[name] is { Length: > 0 } text ? text : null;

    private static int? Number(IConfigurationSection section, string name, int min, int max)
    {
        if (Text(section, name) is not { } text) return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw new SparkException($"{section.Path}:{name} is '{text}' but must be a whole number from {min} to {max}.");
    }

    private static bool? Flag(IConfigurationSection section, string name)
    {
        if (Text(section, name) is not { } text) return null;
        return bool.TryParse(text, out var flag) ? flag : throw new SparkException($"{section.Path}:{name} is '{text}' but must be 'true' or 'false'.");
    }
}
