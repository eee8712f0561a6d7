using System.Text.Json;

namespace Sparkish.Deploy.Worker.Resources;

/// <summary>Parses the JSON in which Spark writes resources.</summary>
internal static class ResourceJson
{
    private const string Component = "spark.worker";
    private const int MaxBytes = 4 << 20;

    /// <summary>Reads the resources of a worker from a file: <c>[{"id": {"componentName": "spark.worker", "resourceName": "gpu"}, "addresses": ["0"]}]</c>.</summary>
    /// <exception cref="SparkException">The file cannot be read, or is not valid.</exception>
    public static IReadOnlyList<ResourceInformation> ReadFile(string path)
    {
        try
        {
            if (!FileKind.IsRegular(path)) throw new SparkException($"{DeployKeys.WorkerResourcesFile.Key} is '{path}', which is not a file.");
            if (new FileInfo(path).Length > MaxBytes) throw Invalid("it is too large", null);
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            var resources = new List<ResourceInformation>();
            foreach (var one in json.RootElement.EnumerateArray())
            {
                var id = one.GetProperty("id");
                if (id.GetProperty("componentName").GetString() == Component) resources.Add(Read(id.GetProperty("resourceName"), one.GetProperty("addresses")));
            }

            return resources;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or IOException or UnauthorizedAccessException)
        {
            throw Invalid(error.Message, error);
        }

        SparkException Invalid(string problem, Exception? cause) => new($"{DeployKeys.WorkerResourcesFile.Key} is '{path}', which cannot be used: {problem} "
            + """It must be such as [{"id": {"componentName": "spark.worker", "resourceName": "gpu"}, "addresses": ["0", "1"]}].""", cause);
    }

    /// <summary>Parses the output of a discovery script: <c>{"name": "gpu", "addresses": ["0", "1"]}</c>.</summary>
    /// <exception cref="FormatException">The text is not that.</exception>
    public static ResourceInformation Parse(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return Read(json.RootElement.GetProperty("name"), json.RootElement.GetProperty("addresses"));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException(error.Message, error);
        }
    }

    private static ResourceInformation Read(JsonElement name, JsonElement addresses) => new(
        name.GetString() ?? throw new InvalidOperationException("A name is null."),
        [.. addresses.EnumerateArray().Select(static address => address.GetString() ?? throw new InvalidOperationException("An address is null."))]);
}
