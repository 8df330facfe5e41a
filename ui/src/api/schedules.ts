import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { api } from "@/api/client";
import type { components } from "@/api/schema";

type Schemas = components["schemas"];
export type Schedule = Schemas["ScheduleLine"];
export type ScheduleInFull = Schemas["ScheduleAnswer"];
export type Firing = Schemas["FiringAnswer"];
export type ScheduleEdit = Schemas["ScheduleEdit"];
export type NewSchedule = Schemas["NewSchedule"];
export type DueTime = Schemas["DueTime"];

export const SCHEDULES_KEY = "schedules";
const RENEW_MS = 20_000;

/** A page of schedules, each with what came of its last due time. */
export function useSchedules(page: number, pageSize: number) {
  return useQuery({
    queryKey: [SCHEDULES_KEY, "list", page, pageSize],
    queryFn: async () => {
      const query = { page, page_size: pageSize };
      return (await api.GET("/api/v1/schedules", { params: { query } })).data!;
    },
    placeholderData: keepPreviousData,
    refetchInterval: RENEW_MS,
  });
}

/** One schedule with its next due times. */
export function useSchedule(scheduleId: string) {
  return useQuery({
    queryKey: [SCHEDULES_KEY, "one", scheduleId],
    queryFn: async () => {
      const params = { path: { schedule_id: scheduleId } };
      return (await api.GET("/api/v1/schedules/{schedule_id}", { params })).data!;
    },
  });
}

/** What came of a schedule's due times, newest first. */
export function useFirings(scheduleId: string) {
  return useInfiniteQuery({
    queryKey: [SCHEDULES_KEY, "firings", scheduleId],
    queryFn: async ({ pageParam }) => {
      const query = { limit: 20, ...(pageParam === undefined ? {} : { before: pageParam }) };
      const params = { path: { schedule_id: scheduleId }, query };
      return (await api.GET("/api/v1/schedules/{schedule_id}/firings", { params })).data!;
    },
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (last) => last.next_before ?? undefined,
  });
}

/** When a cron expression would be due; nothing is kept. */
export function usePreview(cron: string, timeZone: string) {
  return useQuery({
    queryKey: [SCHEDULES_KEY, "preview", cron, timeZone],
    queryFn: async ({ signal }) => {
      const params = { query: { cron, time_zone: timeZone, count: 5 } };
      return (await api.GET("/api/v1/schedules/preview", { params, signal })).data!.next_times;
    },
    enabled: cron.trim() !== "",
    retry: false,
    staleTime: 30_000,
  });
}

/** Keep a new schedule. */
export async function createSchedule(body: NewSchedule): Promise<void> {
  await api.POST("/api/v1/schedules", { body });
}

/** Replace what a schedule is, if nobody has changed it since `version`. */
export async function editSchedule(
  { schedule_id, version }: Pick<Schedule, "schedule_id" | "version">,
  body: ScheduleEdit,
): Promise<void> {
  await api.PUT("/api/v1/schedules/{schedule_id}", {
    params: { path: { schedule_id }, header: { "If-Match": `"${version}"` } },
    body,
  });
}

/** Let a schedule fire, or not. */
export async function switchSchedule(scheduleId: string, isOn: boolean): Promise<void> {
  const params = { path: { schedule_id: scheduleId } };
  if (isOn) await api.POST("/api/v1/schedules/{schedule_id}/enable", { params });
  else await api.POST("/api/v1/schedules/{schedule_id}/disable", { params });
}

/** Delete a schedule; its runs stay. */
export async function deleteSchedule(scheduleId: string): Promise<void> {
  const params = { path: { schedule_id: scheduleId } };
  await api.DELETE("/api/v1/schedules/{schedule_id}", { params });
}
