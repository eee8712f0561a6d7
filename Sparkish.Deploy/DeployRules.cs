using Sparkish.Security;
using Sparkish.Validation;

namespace Sparkish.Deploy;

/// <summary>
/// The validation rules of messages between masters, workers and clients: numbers in range, well-formed ids, texts of a bounded length without control
/// characters. Each receiver validates a message before it uses it. A message without a rule is an error, which a test detects.
/// </summary>
internal static class DeployRules
{
    /// <summary>The most cores of a worker or an executor.</summary>
    public const int MaxCores = 65_536;

    /// <summary>The most memory of a worker or an executor: 64 TiB.</summary>
    public const int MaxMemoryMiB = 64 << 20;

    /// <summary>Maximum number of workers of a master, and of concurrent applications.</summary>
    public const int MaxRegistered = 10_000;

    private const int MaxExecutors = 100_000;
    private const int MaxSettings = 1000;
    private const int MaxUrl = 1024;
    private const int MaxSecretBytes = 1024;

    /// <summary>Returns the problem of a message for a master; null if it is valid.</summary>
    public static string? ProblemOf(IToMaster message) => message switch
    {
        RegisterWorker m => OfWorker(m.Id) ?? Problem.OfText(m.Host, Problem.MaxName) ?? Problem.OfNumber(m.Port, 0, ushort.MaxValue)
            ?? Problem.OfRef(m.Worker) ?? Problem.OfNumber(m.Cores, 1, MaxCores) ?? Problem.OfNumber(m.MemoryMiB, 1, MaxMemoryMiB)
            ?? Problem.OfAddress(m.MasterAddress),
        WorkerLatestState m => OfWorker(m.Id) ?? Problem.OfRef(m.Worker) ?? Problem.OfCount(m.Executors?.Length, MaxExecutors)
            ?? m.Executors!.Select(OfExecutor).FirstOrDefault(static problem => problem is not null),
        ExecutorStateChanged m => OfWorker(m.Worker) ?? OfApplication(m.App) ?? OfExecutorNumber(m.Executor) ?? Problem.OfEnum(m.State)
            ?? Problem.OfTextOrNull(m.Message, Problem.MaxMessage),
        RegisterApplication m => Problem.OfRef(m.Client) ?? Problem.OfPart(m.Description) ?? OfDescription(m.Description) ?? OfDriver(m.Description),
        UnregisterApplication m => OfApplication(m.App),
        _ => throw Missing(message),
    };

    /// <summary>Returns the problem of a message for a worker; null if it is valid.</summary>
    public static string? ProblemOf(IToWorker message) => message switch
    {
        RegisteredWorker m => Problem.OfRef(m.Master) ?? Problem.OfAddress(m.MasterAddress),
        RegisterWorkerFailed m => Problem.OfText(m.Message, Problem.MaxMessage),
        ReconnectWorker m => Problem.OfText(m.MasterUrl, MaxUrl),
        LaunchExecutor m => Problem.OfText(m.MasterUrl, MaxUrl) ?? OfApplication(m.App) ?? OfExecutorNumber(m.Executor) ?? Problem.OfPart(m.Description)
            ?? OfDescription(m.Description) ?? OfDriver(m.Description) ?? Problem.OfNumber(m.Cores, 1, MaxCores)
            ?? Problem.OfNumber(m.MemoryMiB, 1, MaxMemoryMiB) ?? OfSecret(m.Secret),
        KillExecutor m => Problem.OfText(m.MasterUrl, MaxUrl) ?? OfApplication(m.App) ?? OfExecutorNumber(m.Executor),
        ApplicationFinished m => OfApplication(m.App),
        _ => throw Missing(message),
    };

    /// <summary>Returns the problem of a message for an application's client; null if it is valid.</summary>
    public static string? ProblemOf(IToClient message) => message switch
    {
        RegisteredApplication m => OfApplication(m.App) ?? Problem.OfRef(m.Master) ?? OfSecret(m.Secret),
        ExecutorAdded m => OfExecutorNumber(m.Executor) ?? OfWorker(m.Worker) ?? Problem.OfText(m.HostPort, MaxUrl)
            ?? Problem.OfNumber(m.Cores, 1, MaxCores) ?? Problem.OfNumber(m.MemoryMiB, 1, MaxMemoryMiB),
        ExecutorUpdated m => OfExecutorNumber(m.Executor) ?? Problem.OfEnum(m.State) ?? Problem.OfTextOrNull(m.Message, Problem.MaxMessage)
            ?? Problem.OfTextOrNull(m.WorkerHost, Problem.MaxName),
        WorkerRemoved m => OfWorker(m.Worker) ?? Problem.OfText(m.Host, Problem.MaxName) ?? Problem.OfText(m.Message, Problem.MaxMessage),
        ApplicationRemoved m => Problem.OfText(m.Message, Problem.MaxMessage),
        _ => throw Missing(message),
    };

    /// <summary>
    /// Returns the problem of what an application requests, except its driver's address; null if it is valid. Its driver also checks it before it registers.
    /// </summary>
    public static string? OfDescription(ApplicationDescription description) =>
        Problem.OfText(description.Name, Problem.MaxName) ?? Problem.OfText(description.User, Problem.MaxName)
        ?? (description.MaxCores is { } most ? Problem.OfNumber(most, 1, int.MaxValue, nameof(description.MaxCores)) : null)
        ?? (description.CoresPerExecutor is { } each ? Problem.OfNumber(each, 1, MaxCores, nameof(description.CoresPerExecutor)) : null)
        ?? Problem.OfNumber(description.MemoryPerExecutorMiB, 1, MaxMemoryMiB)
        ?? Problem.OfCount(description.ExecutorSettings?.Count, MaxSettings)
        ?? description.ExecutorSettings!.Select(static setting => Problem.OfKey(setting.Key) ?? Problem.OfText(setting.Value, Problem.MaxMessage, $"settings.{setting.Key}"))
            .FirstOrDefault(static problem => problem is not null);

    private static string? OfDriver(ApplicationDescription description) => Problem.OfEndpointUrl(description.DriverUrl, MaxUrl);

    private static string? OfSecret(ApplicationSecret secret) =>
        secret?.Value is { Length: >= SharedSecret.MinBytes and <= MaxSecretBytes } ? null : "Secret is missing, too short or too long";

    private static string? OfExecutor(ExecutorDescription? executor) => Problem.OfPart(executor) ?? OfApplication(executor!.App)
        ?? OfExecutorNumber(executor.Executor) ?? Problem.OfNumber(executor.Cores, 1, MaxCores)
        ?? Problem.OfNumber(executor.MemoryMiB, 1, MaxMemoryMiB) ?? Problem.OfEnum(executor.State);

    private static string? OfWorker(WorkerId id) => Problem.OfId(id.Value, WorkerId.Prefix, nameof(WorkerId));

    private static string? OfApplication(ApplicationId id) => Problem.OfId(id.Value, ApplicationId.Prefix, nameof(ApplicationId));

    private static string? OfExecutorNumber(int number) => Problem.OfNumber(number, 0, int.MaxValue, "Executor");

    private static NotSupportedException Missing(object message) => new($"{message.GetType().Name} has no rule: add it to {nameof(DeployRules)}.");
}
