using Sparkish.Validation;

namespace Sparkish.Deploy;

/// <summary>The validation rules of a cluster's state, as a master reports it to tools.</summary>
internal static class StatusRules
{
    private const int MaxRows = DeployRules.MaxRegistered * 2;

    /// <summary>Returns the problem of a report; null if it is valid.</summary>
    public static string? ProblemOf(MasterStateResponse report) =>
        Problem.OfText(report.Host, Problem.MaxName) ?? Problem.OfNumber(report.Port, 0, ushort.MaxValue) ?? Problem.OfEnum(report.Status)
        ?? OfAll(report.Workers, OfWorker) ?? OfAll(report.ActiveApplications, OfApplication) ?? OfAll(report.CompletedApplications, OfApplication)
        ?? OfAll(report.ActiveDrivers, OfDriver) ?? OfAll(report.CompletedDrivers, OfDriver);

    private static string? OfAll<T>(T[]? rows, Func<T, string?> rule) where T : class => Problem.OfCount(rows?.Length, MaxRows, typeof(T).Name)
        ?? rows!.Select(row => Problem.OfPart(row, typeof(T).Name) ?? rule(row)).FirstOrDefault(static problem => problem is not null);

    private static string? OfWorker(WorkerStatus worker) => DeployRules.OfWorker(worker.Id) ?? Problem.OfText(worker.Host, Problem.MaxName)
        ?? Problem.OfText(worker.State, Problem.MaxName);

    private static string? OfApplication(ApplicationStatus app) => DeployRules.OfApplication(app.Id) ?? Problem.OfText(app.Name, Problem.MaxName)
        ?? Problem.OfText(app.User, Problem.MaxName) ?? Problem.OfText(app.State, Problem.MaxName);

    private static string? OfDriver(DriverStatus driver) => DeployRules.OfDriver(driver.Id) ?? Problem.OfEnum(driver.State)
        ?? Problem.OfText(driver.MainClass, Problem.MaxName) ?? Problem.OfTextOrNull(driver.Message, Problem.MaxMessage);
}
